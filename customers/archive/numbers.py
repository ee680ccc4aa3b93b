"""Amounts and times as whole numbers, made by the database: exact, and quicker to read than decimals and datetimes."""

from typing import Any

from django.db.models import BigIntegerField, Func


class Cents(Func):
    """An amount with two decimal places in whole cents."""

    template = "CAST(ROUND(%(expressions)s * 100) AS BIGINT)"
    output_field = BigIntegerField()


class Microseconds(Func):
    """An instant in microseconds since 1970."""

    template = "CAST(EXTRACT(EPOCH FROM %(expressions)s) * 1000000 AS BIGINT)"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite has instants as text in UTC, with six digits after the second or none."""
        whole = "CAST(ROUND((JULIANDAY(SUBSTR(%(expressions)s, 1, 19)) - 2440587.5) * 86400) AS INTEGER)"
        part = "CAST(SUBSTR(SUBSTR(%(expressions)s, 21) || '000000', 1, 6) AS INTEGER)"
        return self.as_sql(compiler, connection, template=f"({whole} * 1000000 + {part})", **context)
