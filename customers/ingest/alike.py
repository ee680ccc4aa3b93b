"""Rows without an id: their key is a hash of their content and how many rows alike came before them in their file."""

import hashlib
from collections.abc import Iterator, Sequence

import polars as pl
from django.db import models
from django.db.models import Q

from customers.ingest.declare import Kind
from customers.models import Customer, SetAsideRow

_BYTES = 16
_SEPARATOR = "\x1f"  # which no text may hold


def fingerprint(values: Sequence[pl.Series]) -> pl.Series:
    """A hash of each row's values; the same content written differently, as 0.5 and 0.50, has the same.

    It is stored, so it depends on no library's version; and blank cells leave no trace in it, so that a column which
    is declared later does not change it for the rows that are there.
    """
    parts = [_named(series.name, _canonical(series)) for series in values]
    texts = pl.select(pl.concat_str(parts, separator=_SEPARATOR, ignore_nulls=True)).to_series()
    return pl.Series([_hash(text) for text in texts], dtype=pl.String)


def numbered(frame: pl.DataFrame, n_before: Sequence[int] | pl.Series, *, kind: Kind) -> pl.DataFrame:
    """The frame with whole keys in place of fingerprints."""
    key = pl.concat_str([pl.col(_key(kind)), pl.Series(n_before, dtype=pl.Int64).cast(pl.String)], separator="-")
    return frame.with_columns(key.alias(_key(kind)))


def renumbered(frame: pl.DataFrame, *, kept: Sequence[str], kind: Kind) -> pl.DataFrame:
    """Keys of rows that are sent again: one that waited keeps its own, a mended one comes after all that are alike."""
    own = list(zip(frame[_key(kind)], kept, strict=True))
    taken = _taken(frame, kind=kind, also=[key for key in kept if key])
    numbers = []
    for content, key in own:
        n = _number(key) if _content(key) == content else taken.get(content, -1) + 1
        taken[content] = max(taken.get(content, -1), n)
        numbers.append(n)
    return numbered(frame, numbers, kind=kind)


def _taken(frame: pl.DataFrame, *, kind: Kind, also: Sequence[str]) -> dict[str, int]:
    """The highest number of each content that is stored, or waits, for the customers of a frame."""
    contents = set(frame[_key(kind)])
    highest: dict[str, int] = {}
    for key in [*also, *_waiting(frame, kind), *_stored(frame, kind)]:
        if _content(key) in contents:
            highest[_content(key)] = max(highest.get(_content(key), -1), _number(key))
    return highest


def _stored(frame: pl.DataFrame, kind: Kind) -> Iterator[str]:
    model: type[models.Model] = kind.model
    times = frame[f"value:{kind.event_time}"].drop_nulls().unique().to_list()
    named = Q(customer_id__in=_customers(frame, kind)) | Q(deals__deal_id__in=_deals(frame))
    whose = Customer.objects.filter(named).values("pk")
    rows = model._default_manager.filter(customer__in=whose, **{f"{kind.event_time}__in": times})
    yield from rows.values_list(kind.key, flat=True)


def _waiting(frame: pl.DataFrame, kind: Kind) -> Iterator[str]:
    rows = SetAsideRow.objects.filter(kind=kind.name, is_waiting=True, resolved_at=None)
    named = Q(awaits__in=_customers(frame, kind)) | Q(awaits_deal__in=_deals(frame))
    yield from rows.filter(named).values_list("key", flat=True)


def _customers(frame: pl.DataFrame, kind: Kind) -> list[str]:
    (column,) = kind.references
    return [name for name in frame[f"value:{column.name}"].unique() if name]


def _deals(frame: pl.DataFrame) -> list[str]:
    return list(frame["by_deal"].drop_nulls().unique())


def _key(kind: Kind) -> str:
    return f"value:{kind.key}"


def _content(key: str) -> str:
    return key.partition("-")[0]


def _number(key: str) -> int:
    return int(key.partition("-")[2])


def _named(name: str, texts: pl.Series) -> pl.Expr:
    column = pl.lit(texts)
    return pl.when(column != "").then(pl.lit(f"{name}=") + column)


def _canonical(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Float64:
        # Zero has two signs, and one meaning.
        return pl.Series([None if value is None else repr(value + 0.0) for value in values], dtype=pl.String)
    if isinstance(values.dtype, pl.Datetime):
        return values.dt.epoch("us").cast(pl.String)
    return values.cast(pl.String)


def _hash(text: str | None) -> str:
    return hashlib.blake2b((text or "").encode(), digest_size=_BYTES).hexdigest()
