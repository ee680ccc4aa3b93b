"""Statements written by hand, for the few places where the ORM's share of the time counts."""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet

__all__ = ["among", "fetched", "within"]


def fetched(sql: str, params: Iterable[Any]) -> list[tuple[Any, ...]]:
    """All rows of a SELECT with `%s` for its parameters; PostgreSQL plans it once a connection, after a few times."""
    connection.ensure_connection()
    raw: Any = connection.connection
    if connection.vendor == "postgresql":
        with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
            return cursor.execute(sql.encode(), list(params)).fetchall()
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())


def among(column: str, values: list[str]) -> tuple[str, list[Any]]:
    """A condition with its parameters: the column is one of the texts."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [values]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)


def within(column: str, rows: QuerySet[Any]) -> tuple[str, list[Any]]:
    """A condition with its parameters: the column is among the single column of a queryset."""
    sql, params = rows.query.sql_with_params()
    return f"{column} IN ({sql})", list(params)
