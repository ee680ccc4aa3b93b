"""Putting the triggers in place after every migration, and taking them away before one that has something to do.

They are made from the models as they stand after the migration, so that a new column is recorded from its first day,
and SQLite, which makes a table anew to alter it, loses none. A trigger's name ends with a digest of what it is made
of: whether the right ones are there is one query.
"""

import hashlib
import json
from typing import Any

from django.apps import apps as installed_apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from customers.audit import postgresql, sqlite
from customers.audit.tables import audited, columns, customer_column

__all__ = ["install", "missing", "remove"]

_DIALECTS: dict[str, Any] = {"postgresql": postgresql, "sqlite": sqlite}


def install(*, using: str = DEFAULT_DB_ALIAS, apps: Any = installed_apps, **_signal: Any) -> None:
    """Put in place what is missing and take away what is old; nothing before the log's own table is there."""
    connection = connections[using]
    wanted, there = _wanted(connection, apps), _there(connection)
    if wanted.keys() == there.keys():
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name in there.keys() - wanted.keys():
            _run(cursor, _DIALECTS[connection.vendor].removal(name, *there[name]))
        for name in [name for name in wanted if name not in there]:
            _run(cursor, wanted[name])


def remove(*, using: str = DEFAULT_DB_ALIAS, plan: Any = (), **_signal: Any) -> None:
    """Take all away before a migration of `plan`; where there is nothing to migrate they stay."""
    if not plan:
        return
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name, (table, function) in _there(connection).items():
            _run(cursor, _DIALECTS[connection.vendor].removal(name, table, function))


def missing(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The triggers that are not in place, by name."""
    connection = connections[using]
    return sorted(_wanted(connection, installed_apps).keys() - _there(connection).keys())


def _run(cursor: Any, statements: list[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def _there(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_DIALECTS[connection.vendor].installed, [])
        return {name: (table, function) for name, table, function in cursor.fetchall()}


def _wanted(connection: BaseDatabaseWrapper, apps: Any) -> dict[str, list[str]]:
    dialect, tables = _DIALECTS[connection.vendor], set(connection.introspection.table_names())
    if postgresql.LOG not in tables:
        return {}
    wanted: dict[str, list[str]] = _named(dialect.guard)
    for one, model in audited(apps):
        if model._meta.db_table in tables:
            facts: dict[str, Any] = {"name": model._meta.db_table, "key": model._meta.pk.column}
            facts |= {"columns": columns(one, model), "customer": customer_column(model)}
            wanted |= _named(dialect.table, one, **facts)
    return wanted


def _named(make: Any, *args: Any, **facts: Any) -> dict[str, list[str]]:
    """What `make` makes, under names that end with its digest."""
    made = make(*args, suffix="", **facts)
    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:6]
    result: dict[str, list[str]] = make(*args, suffix=digest, **facts)
    return result
