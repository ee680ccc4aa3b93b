"""Pages of tables with millions of rows, without counting them all each time."""

import json
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.utils.functional import cached_property

EXACT_BELOW = 10_000
# A page further on would make the database pass over all rows before it; a filter leads there at once.
REACHED = 20_000


class EstimatingPaginator(Paginator):
    """Counts short lists; takes PostgreSQL's own estimate for long ones, and turns only their first pages."""

    @cached_property
    def count(self) -> int:
        return super().count if self._expected is None or self._expected < EXACT_BELOW else self._expected

    @cached_property
    def num_pages(self) -> int:
        pages: int = super().num_pages
        return pages if self._expected is None else min(pages, max(1, REACHED // self.per_page))

    @cached_property
    def _expected(self) -> int | None:
        return _estimate(self.object_list)


def _estimate(rows: Any) -> int | None:
    """How many rows PostgreSQL's planner expects; None elsewhere, and for what is no queryset."""
    if not hasattr(rows, "query") or connections[rows.db].vendor != "postgresql" or rows.query.is_empty():
        return None
    plan = json.loads(rows.order_by().explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])
