"""Which tables are audited, and which are not, and why: a line each, declared by the app that has the table.

Each app has a module `audited` with AUDITED; a test finds every table that is declared nowhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps as installed
from django.db.models import Field, JSONField, Model

__all__ = ["Audited", "Column", "Unaudited", "audited", "columns", "customer_column", "declared"]

QUIET = frozenset({"created_at", "updated_at", "heartbeat_at", "last_login", "last_used_on"})
SECRET = frozenset({"password", "digest", "secret", "token"})


@dataclass(frozen=True)
class Audited:
    """A table whose writes are recorded, by its model, as "app.Model".

    `adds` is "each", a row with all values for each row that is added, or "counted", one for each statement: for facts
    that come in bulk, where the row itself is what was added. Changes of `quiet` columns alone are not recorded, and of
    `secret` ones only that they changed.
    """

    model: str
    adds: str = "each"
    quiet: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unaudited:
    """A table whose writes are not recorded, and why."""

    model: str
    why: str


@dataclass(frozen=True)
class Column:
    """A column as the triggers see it."""

    name: str
    kind: str
    is_secret: bool


def declared() -> Iterator[Audited | Unaudited]:
    """What every app declares."""
    for app in installed.get_app_configs():
        if find_spec(f"{app.name}.audited"):
            yield from import_module(f"{app.name}.audited").AUDITED


def audited(apps: Any = installed) -> Iterator[tuple[Audited, type[Model]]]:
    """The audited tables with their models, as `apps` (of a migration, perhaps) has them."""
    for one in declared():
        app, _dot, name = one.model.partition(".")
        if isinstance(one, Audited) and name.lower() in apps.all_models.get(app, {}):
            yield one, apps.get_model(app, name)


def columns(one: Audited, model: type[Model]) -> list[Column]:
    """The columns that are recorded, without the quiet ones, by name: migrations have them in another order."""
    quiet = QUIET.union(one.quiet)
    fields = [field for field in model._meta.concrete_fields if field.column not in quiet]
    fields.sort(key=lambda field: str(field.column))
    return [Column(str(field.column), _kind(field), field.name in SECRET.union(one.secret)) for field in fields]


def customer_column(model: type[Model]) -> str:
    """The column with the customer's primary key; empty where the table is not about one."""
    if model._meta.label == "customers.Customer":
        return "id"
    for field in sorted(model._meta.concrete_fields, key=lambda field: str(field.column)):
        related: Any = field.related_model
        if related is not None and related._meta.label == "customers.Customer":
            return str(field.column)
    return ""


def _kind(field: "Field[Any, Any]") -> str:
    if isinstance(field, JSONField):
        return "json"
    return {"BooleanField": "boolean", "BinaryField": "binary"}.get(field.get_internal_type(), "plain")
