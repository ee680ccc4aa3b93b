"""Pages of tables with millions of rows, without counting them all each time."""

from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.utils.functional import cached_property

EXACT_BELOW = 10_000
COUNTED_AT_MOST = 100_000


class EstimatingPaginator(Paginator):
    """Counts small tables; takes PostgreSQL's own estimate for large ones, and stops counting a filtered list."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        estimate = _estimate(rows)
        if estimate is not None and estimate >= EXACT_BELOW and not rows.query.has_filters():
            return estimate
        if estimate is not None and estimate >= COUNTED_AT_MOST:
            return int(rows.order_by()[:COUNTED_AT_MOST].count())
        return super().count


def _estimate(rows: Any) -> int | None:
    """What PostgreSQL thinks the table holds; None elsewhere, and for what is no queryset."""
    if not hasattr(rows, "query") or connections[rows.db].vendor != "postgresql":
        return None
    with connections[rows.db].cursor() as cursor:
        table = rows.model._meta.db_table
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [f'"{table}"'])
        return int(cursor.fetchone()[0])
