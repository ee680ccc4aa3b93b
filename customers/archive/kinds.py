"""What can leave the database: a declaration for each kind of rows; later apps register theirs."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import polars as pl
from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from customers.archive.numbers import Cents, Microseconds
from customers.commands import Advance
from customers.models import Interaction, Transaction

INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the archive: the field that fills it, its type there, and what makes the one from the other.

    `number` has the database do it: it makes a whole number of the field, which is much faster to read.
    """

    source: str
    dtype: pl.DataType
    convert: Callable[[Any], Any] | None = None
    number: Callable[[str], Combinable] | None = None

    @property
    def expression(self) -> Combinable:
        if self.number is None and self.dtype == INSTANT:
            return Microseconds(self.source)
        return self.number(self.source) if self.number else F(self.source)


class Expiring(Protocol):
    """Anything that leaves when it is past its retention."""

    @property
    def kind(self) -> str: ...

    def cutoff(self, *, as_of: dt.date) -> dt.date:
        """The first local day that stays."""
        ...

    def purge(self, *, as_of: dt.date, dry_run: bool, advance: Advance) -> dict[str, int]:
        """Move what is past its retention; rows by month, as YYYY-MM."""
        ...


@dataclass(frozen=True, kw_only=True)
class Archivable:
    """A kind of rows that leave by month: `key` tells rows apart, `time` (an instant or a date) says when they were."""

    kind: str
    rows: Callable[[], QuerySet[Any]]
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    time: str
    retention_days: Callable[[], int]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        return {name: column.dtype for name, column in self.columns.items()}

    @property
    def has_instants(self) -> bool:
        return self.columns[self.time].dtype != pl.Date()

    def cutoff(self, *, as_of: dt.date) -> dt.date:
        return as_of - dt.timedelta(days=self.retention_days())

    def purge(self, *, as_of: dt.date, dry_run: bool, advance: Advance) -> dict[str, int]:
        from customers.archive import purging  # which reads the declarations

        return purging.purge_rows(self, until=self.cutoff(as_of=as_of), dry_run=dry_run, advance=advance)


_registered: dict[str, Expiring] = {}


def register(expiring: Expiring) -> None:
    """Let `purge` move this kind too; a second declaration of a kind replaces the first."""
    _registered[expiring.kind] = expiring


def registered() -> tuple[Expiring, ...]:
    return tuple(_registered.values())


def archivable(kind: str) -> Archivable:
    found = _registered[kind]
    if not isinstance(found, Archivable):
        raise TypeError(f"{kind} is not archived as rows.")
    return found


def cents(amount: Decimal) -> int:
    """Whole cents, exactly: amounts have at most two decimal places."""
    return int(amount.scaleb(2))


def _texts(*names: str) -> dict[str, Column]:
    return {name: Column(source=name, dtype=pl.String()) for name in names}


def _numbers(*names: str) -> dict[str, Column]:
    return {name: Column(source=name, dtype=pl.Int64()) for name in names}


_SHARED = {
    "customer_id": Column(source="customer__customer_id", dtype=pl.String()),
    "occurred_at": Column(source="occurred_at", dtype=INSTANT),
}

register(
    Archivable(
        kind="transactions",
        rows=Transaction.objects.all,
        columns=_texts("transaction_id")
        | _SHARED
        | {"amount_cents": Column(source="amount", dtype=pl.Int64(), number=Cents)}
        | _texts("product_category", "payment_method", "status"),
        key=("transaction_id",),
        time="occurred_at",
        retention_days=lambda: settings.RETENTION_DAYS,
    )
)
register(
    Archivable(
        kind="interactions",
        rows=Interaction.objects.all,
        columns=_texts("interaction_id")
        | _SHARED
        | _texts("kind", "channel")
        | _numbers("duration_seconds", "page_depth", "satisfaction")
        | _texts("topic"),
        key=("interaction_id",),
        time="occurred_at",
        retention_days=lambda: settings.RETENTION_DAYS,
    )
)
