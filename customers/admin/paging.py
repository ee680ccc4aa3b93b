"""Pages of tables with millions of rows: nothing is counted for long, only the rows that are shown are read whole."""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db import OperationalError, connections, transaction
from django.db.models import Sum
from django.utils.functional import cached_property

EXACT_BELOW = 10_000
# A page further on would make the database pass over all rows before it; a filter leads there at once.
REACHED = 20_000
COUNTED_WITHIN = "300ms"


class EstimatingPaginator(Paginator):
    """Counts short lists; takes PostgreSQL's own estimate for long ones, and turns only their first pages.

    A list that looks short and cannot be counted in time is taken for a long one: it may end before its last page.
    """

    @cached_property
    def count(self) -> int:
        if self._expected is None:
            return super().count
        exact = self._exact if self._expected < EXACT_BELOW else None
        return max(self._expected, self.per_page + 1) if exact is None else exact

    @cached_property
    def num_pages(self) -> int:
        pages: int = super().num_pages
        if self._expected is None:
            return pages
        reached = max(1, REACHED // self.per_page)
        is_unknown = self._expected < EXACT_BELOW and self._exact is None
        return reached if is_unknown else min(pages, reached)

    def page(self, number: Any) -> Page:
        """The rows of a page are found by their keys, so that the database sorts and passes over keys alone."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        return Page(_whole(self.object_list, first, first + self.per_page), number, self)

    @cached_property
    def _expected(self) -> int | None:
        return _estimate(self.object_list)

    @cached_property
    def _exact(self) -> int | None:
        """None where counting would take too long; asked on PostgreSQL only."""
        rows: Any = self.object_list
        return _in_time(rows.count, using=rows.db)


def summed(rows: Any, column: str) -> Any:
    """The sum of a column over rows; None where none has a value, or where it would take too long."""
    return _in_time(lambda: rows.order_by().aggregate(sum=Sum(column))["sum"], using=rows.db)


def _in_time(ask: Callable[[], Any], *, using: str) -> Any:
    """An answer of the database; None where PostgreSQL would take too long for a page."""
    if connections[using].vendor != "postgresql":
        return ask()
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, TRUE)", [COUNTED_WITHIN])
            found = ask()
            cursor.execute("SELECT set_config('statement_timeout', %s, TRUE)", [before])
            return found
    except OperationalError:
        return None


def _whole(rows: Any, first: int, last: int) -> Any:
    """The rows from the first to before the last, in order."""
    if not hasattr(rows, "query"):
        return rows[first:last]
    return rows.filter(pk__in=list(rows.values_list("pk", flat=True)[first:last]))


def _estimate(rows: Any) -> int | None:
    """How many rows PostgreSQL's planner expects; None elsewhere, for no queryset, and where nothing can be in it."""
    if not hasattr(rows, "query") or connections[rows.db].vendor != "postgresql" or rows.query.is_empty():
        return None
    try:
        plan = rows.order_by().explain(format="json")
    except EmptyResultSet:
        return None
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else None  # none is made of what is surely empty
