"""Where customers' data are kept: a line for each table and place, declared by the app that has it.

Each app has a module `holdings` with HOLDINGS for its tables and PLACES for what is no table of customers' rows,
such as files. A test finds every table with a path to a customer that is declared nowhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, Protocol

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from customers.models import Customer

__all__ = ["Holding", "Place", "Subject", "declared", "personal_fields", "places"]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose data it is: the row (None where it is gone already) and the ID."""

    customer: Customer | None
    customer_id: str

    @property
    def pk(self) -> int | None:
        return None if self.customer is None else self.customer.pk


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A table with rows of customers: `paths` lead from a row to the customer.

    On erasure its rows are deleted, or kept without the values of `blank`, for the reason `why`. `personal` are columns
    that are masked for those without the right to see them.
    """

    model: str
    paths: tuple[str, ...] = ("customer",)
    on_erasure: Literal["delete", "keep"] = "delete"
    why: str = ""
    blank: Mapping[str, Any] = field(default_factory=dict)
    personal: tuple[str, ...] = ()

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)

    def rows(self, subject: Subject) -> QuerySet[Any]:
        """The rows of a customer."""
        rows: QuerySet[Any] = self.table._default_manager.order_by("pk")
        if subject.customer is None:
            return rows.none()
        whose = Q()
        for path in self.paths:
            whose |= Q(**{path: subject.pk})
        return rows.filter(whose)


class Place(Protocol):
    """Anywhere else: files, free texts, rows known by the ID that they hold.

    Files are done after the transaction in which rows are, so that a broken-off erasure goes on with them.
    """

    @property
    def name(self) -> str: ...

    @property
    def is_files(self) -> bool: ...

    def export(self, subject: Subject) -> Iterable[dict[str, Any]]:
        """What is there of a customer."""
        ...

    def erase(self, subject: Subject) -> int:
        """Take it out; how many rows or files it was. Safe to be broken off and done again."""
        ...


def declared() -> Iterator[Holding]:
    """The tables that every app declares, those that refer to others first."""
    for module in reversed(list(_modules())):
        yield from module.HOLDINGS


def places() -> Iterator[Place]:
    """The other places that every app declares."""
    for module in _modules():
        yield from getattr(module, "PLACES", ())


def personal_fields(model: type[Model]) -> frozenset[str]:
    """The fields of a model that are personal."""
    return _personal().get(model._meta.concrete_model, frozenset())  # type: ignore[arg-type]


def _personal() -> dict[type[Model], frozenset[str]]:
    if not _known:
        _known.update({one.table: frozenset(one.personal) for one in declared() if one.personal})
    return _known


_known: dict[type[Model], frozenset[str]] = {}


def _modules() -> Iterator[Any]:
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.holdings"):
            yield import_module(f"{app.name}.holdings")
