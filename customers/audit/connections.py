"""How the database learns who is at work, without a query for those who only read.

PostgreSQL: before the first write of a transaction a setting of that transaction is made, and again after a change of
actor or a rollback to a savepoint; a write outside a transaction gets one of its own. Nothing outlives a transaction,
so a pooled or persistent connection never speaks for the actor before. SQLite: the triggers call functions of this
process.
"""

import uuid
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from customers.audit.actor import Actor, current

WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY")
_SET = "SELECT set_config('audit.actor', %s, true)"
_FIELDS = ("user_id", "who", "key", "via", "source")


def prepare(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Make a new connection tell who is at work; called by Django's signal `connection_created`."""
    if connection.vendor == "sqlite":
        _prepare_sqlite(connection)
    wrapper = _tell_postgresql if connection.vendor == "postgresql" else _number_statement
    if wrapper not in connection.execute_wrappers:
        connection.execute_wrappers.append(wrapper)


def tell(connection: BaseDatabaseWrapper) -> None:
    """Tell PostgreSQL who is at work, before a write that goes past Django's cursor, such as COPY, in a transaction."""
    if connection.vendor == "postgresql":
        _tell(connection, current())


def is_write(sql: Any) -> bool:
    """Whether a statement may write to a table."""
    start = str(sql[:400] if isinstance(sql, str) else sql).lstrip()[:200].upper()
    if start.startswith("WITH"):
        return any(f"{word} " in str(sql).upper() for word in WRITES)
    return start.startswith(WRITES)


def _tell_postgresql(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    connection = context["connection"]
    if _is_new(connection) or str(sql)[:11].upper() == "ROLLBACK TO":
        connection.audit_told = ""
    if not is_write(sql):
        return execute(sql, params, many, context)
    actor = current()
    actor.told  # noqa: B018 - a lazy user is looked up before the transaction of its own begins
    if connection.get_autocommit() and actor.told:
        with connection.connection.transaction():
            _set(connection, actor)
            return execute(sql, params, many, context)
    _tell(connection, actor)
    return execute(sql, params, many, context)


def _tell(connection: Any, actor: Actor) -> None:
    """Say it once in a transaction; what was said in one that is over does not count."""
    said = "" if _is_new(connection) else getattr(connection, "audit_told", "")
    if said != actor.told:
        _set(connection, actor)
    connection.audit_told = actor.told


def _is_new(connection: Any) -> bool:
    """Whether the next statement is the first of its transaction."""
    return bool(connection.connection.info.transaction_status == TransactionStatus.IDLE)


def _set(connection: Any, actor: Actor) -> None:
    # Past Django's cursor: it is no query of whoever counts queries.
    with connection.connection.cursor() as cursor:
        cursor.execute(_SET, [actor.told])


def _number_statement(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if is_write(sql):
        connection = context["connection"]
        connection.audit_statement = getattr(connection, "audit_statement", 0) + 1
        current().told  # noqa: B018 - a lazy user is looked up before the statement runs
    return execute(sql, params, many, context)


def _prepare_sqlite(connection: Any) -> None:
    mark = uuid.uuid4().hex[:12]
    raw = connection.connection

    def batch(table: str, action: str) -> str:
        return f"{mark}-{getattr(connection, 'audit_statement', 0)}-{table[:30]}-{action}"[-64:]

    raw.create_function("audit_actor", 1, lambda number: getattr(current(), _FIELDS[number]))
    raw.create_function("audit_counts", 0, lambda: int(current().counts))
    raw.create_function("audit_erases", 0, lambda: int(current().erases))
    raw.create_function("audit_batch", 2, batch)
    # REPLACE would delete rows without calling their triggers otherwise.
    raw.execute("PRAGMA recursive_triggers = ON")
