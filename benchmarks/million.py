"""A company of a million customers, made inside PostgreSQL by INSERT ... SELECT: the tables that grow, at full length.

Thirty days of predictions for everybody, events, accounts, health scores, an experiment with a fifth of the customers,
imports with rows set aside, runs and models. Nothing is checked row by row while it goes in, and indexes are made
afterwards; the database ends vacuumed and analysed, as one that runs for long is.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import connections
from django.db.models import Count, Model
from psycopg import sql

from benchmarks.million_rows import ROWS
from benchmarks.shop import AS_OF
from benchmarks.track import set_up

DAYS = 30
SEQUENCE = """
SELECT pg_get_serial_sequence(table_name, column_name) FROM information_schema.columns
WHERE table_name = %s AND column_name = 'id' AND is_identity = 'YES'
"""


@dataclass(frozen=True)
class Company:
    """How many customers there are; everything else follows from it."""

    n_customers: int

    @property
    def n_predictions(self) -> int:
        return self.n_customers * DAYS


def fill(*, url: str, company: Company) -> None:
    """Put the company into the migrated, empty database at `url`."""
    values = {"n": company.n_customers, "day": AS_OF, "days": DAYS}
    with psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # neither locks nor foreign keys, row by row
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SELECT setseed(0.26)")
        for table, statement in ROWS:
            started = time.perf_counter()
            with _defaults(connection, table), _without_indexes(connection, table):
                n = _insert(connection, table, statement, values)
            print(f"  {table:<34}{n:>12,} rows {time.perf_counter() - started:>8.1f} s", flush=True)
        connection.execute("VACUUM (ANALYZE)")


def _insert(connection: psycopg.Connection[Any], table: str, statement: str, values: dict[str, Any]) -> int:
    """Insert, and let the table's numbers go on after the last."""
    n = connection.execute(statement.encode(), values).rowcount
    found = connection.execute(SEQUENCE, [table]).fetchone()
    if found:
        highest = sql.SQL("SELECT max(id) FROM {}").format(sql.Identifier(table))
        connection.execute(sql.SQL("SELECT setval({}, ({}))").format(sql.Literal(found[0]), highest))
    return n


@contextmanager
def _defaults(connection: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """Columns that a statement does not name get their field's own default meanwhile."""
    fields = [field for field in _model(table)._meta.concrete_fields if not (field.null or field.primary_key)]
    alter_column = sql.SQL("ALTER TABLE {} ALTER {}")
    where = [alter_column.format(sql.Identifier(table), sql.Identifier(str(one.column))) for one in fields]
    for alter, field in zip(where, fields, strict=True):
        value = field.get_db_prep_save(field.get_default(), connections["default"])
        connection.execute(alter + sql.SQL(" SET DEFAULT {}").format(sql.Literal(value)))
    yield
    for alter in where:
        connection.execute(alter + sql.SQL(" DROP DEFAULT"))


def _model(table: str) -> type[Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


@contextmanager
def _without_indexes(connection: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """The table with nothing but its primary key meanwhile."""
    unique = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
        [table],
    ).fetchall()
    for name, _definition in unique:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*map(sql.Identifier, (table, name))))
    plain = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    ).fetchall()
    for name, _definition in plain:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name.strip('"'))))
    yield
    for name, definition in unique:
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(*map(sql.Identifier, (table, name)))
            + sql.SQL(definition)
        )
    for _name, definition in plain:
        connection.execute(definition.encode())


def main() -> None:
    """Fill the database of the environment, which is migrated and empty."""
    set_up()
    from healthscore import configurations

    configurations.active()
    fill(url=os.environ["DATABASE_URL"], company=Company(n_customers=int(sys.argv[1])))
    keep_figures()


def keep_figures() -> None:
    """What the daily job keeps of its days, and what reads it would else have to count."""
    from healthscore.models import HealthDay, HealthScore
    from predictions import figures

    figures.keep_missing()
    for day in HealthDay.objects.all():
        graded = HealthScore.objects.filter(as_of=day.as_of).order_by().values_list("grade").annotate(n=Count("pk"))
        HealthDay.objects.filter(pk=day.pk).update(n_by_grade=dict(graded))


if __name__ == "__main__":
    main()
