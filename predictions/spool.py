"""A spool: rows read once, split by a hash of the customer's id into part files, each computed on its own.

Memory is bounded by the part, not by the data. Parts are ranges of the hash, in which customers stand in its order: so
the parts one after the other are in the same order however many there are.
"""

import datetime as dt
import hashlib
import json
import math
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl
import pyarrow as pa
from django.conf import settings
from django.db.models import Max, Min

from customers.commands import Advance
from customers.models import Customer, Interaction, Transaction
from predictions import sources
from predictions.features import engine, network
from predictions.features.core import HISTORY_DAYS, WINDOW_DAYS

PART_CUSTOMERS = 12_500
PART_EVENTS = 1_500_000
MOST_PARTS = 200
_HASH_BITS = 32
_EVENTS: dict[sources.Kind, dict[str, pl.DataType]] = {
    "transactions": engine.TRANSACTIONS,
    "interactions": engine.INTERACTIONS,
}


@dataclass(frozen=True)
class Spool:
    """A folder of part files with the rows of [since, until)."""

    folder: Path

    @classmethod
    def fill(cls, *, since: dt.date, until: dt.date, parts: int | None, advance: Advance) -> "Spool":
        """Read the rows of [since, until) into a new folder under DATA_DIR."""
        base = Path(settings.DATA_DIR) / "spool"
        base.mkdir(parents=True, exist_ok=True)
        spool = cls(Path(tempfile.mkdtemp(prefix=f"features-{until}-", dir=base)))
        try:
            spool._fill(since, until, parts or suggested_parts(), advance)
        except BaseException:
            spool.remove()
            raise
        return spool

    @property
    def parts(self) -> list[int]:
        return list(range(int(json.loads((self.folder / "spool.json").read_text())["parts"])))

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _fill(self, since: dt.date, until: dt.date, parts: int, advance: Advance) -> None:
        customers = _in_hash_order(sources.customers().filter(pl.col("registered_on") < until), parts)
        customers.write_ipc(self.folder / "customers.arrow")
        sources.links().write_ipc(self.folder / "links.arrow")
        for kind in _EVENTS:
            self._split(kind, since, until, customers, parts, advance)
        (self.folder / "spool.json").write_text(json.dumps({"parts": parts}))

    def _split(
        self, kind: sources.Kind, since: dt.date, until: dt.date, customers: pl.DataFrame, parts: int, advance: Advance
    ) -> None:
        schema = _physical(pl.DataFrame(schema=_EVENTS[kind])).to_arrow().schema
        part_of = customers.select("customer_pk", "part")
        done = 0
        with ExitStack() as stack:
            sinks = [pa.ipc.new_file(self._events(kind, part), schema) for part in range(parts)]
            for sink in sinks:
                stack.enter_context(sink)
            for batch in sources.events(kind=kind, since=since, until=until, customers=customers):
                pieces = batch.join(part_of, on="customer_pk", how="inner", maintain_order="none")
                for (part,), piece in pieces.partition_by("part", as_dict=True, include_key=False).items():
                    sinks[cast(int, part)].write_table(_physical(piece).to_arrow().cast(schema))
                done += len(batch)
                advance(kind, done)

    def _events(self, kind: sources.Kind, part: int) -> str:
        return str(self.folder / f"{kind}-{part}.arrow")

    def customers(self) -> pl.DataFrame:
        """Every customer registered before the spool's end, with its part."""
        return pl.read_ipc(self.folder / "customers.arrow")

    def events(self, kind: sources.Kind, part: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        schema = _EVENTS[kind]
        frame = pl.read_ipc(self._events(kind, part), columns=list(columns or schema))
        return frame.select(_from_number(name, schema[name]) for name in frame.columns)

    def neighbours(self, *, as_of: dt.date) -> pl.DataFrame:
        """The first pass: each customer's neighbours at `as_of`, with their days of activity."""
        customers, links = self.customers(), pl.read_ipc(self.folder / "links.arrow")
        members = network.members(customers=customers, links=links)
        if members.is_empty():
            return pl.DataFrame(schema=engine.NEIGHBOURS)
        counts = [self._active_days(part, as_of, members) for part in self.parts]
        return network.neighbours(as_of=as_of, customers=customers, links=links, active_days=pl.concat(counts))

    def _active_days(self, part: int, as_of: dt.date, members: pl.Series) -> pl.DataFrame:
        first = as_of - dt.timedelta(days=WINDOW_DAYS)
        sides = [
            self.events("transactions", part, ("customer_pk", "day", "status")).lazy().filter(engine.IS_PURCHASE),
            self.events("interactions", part, ("customer_pk", "day", "kind")).lazy().filter(engine.IS_ACTIVITY),
        ]
        days = pl.concat([side.select("customer_pk", "day") for side in sides])
        days = days.filter(
            pl.col("day") >= first, pl.col("day") < as_of, pl.col("customer_pk").is_in(members.implode())
        )
        return days.unique().group_by("customer_pk").agg(active_days=pl.len().cast(pl.Int64)).collect()

    def compute(self, *, as_of: dt.date, part: int, neighbours: pl.DataFrame) -> pl.DataFrame:
        """The features of one part's customers."""
        return engine.compute(
            as_of=as_of,
            customers=self.customers().filter(pl.col("part") == part).select(*engine.CUSTOMERS),
            transactions=self.events("transactions", part),
            interactions=self.events("interactions", part),
            neighbours=neighbours,
            monetary_thresholds=settings.MONETARY_THRESHOLDS,
        )


def history(as_of: dt.date) -> dt.date:
    """The first day of the history of `as_of`."""
    return as_of - dt.timedelta(days=HISTORY_DAYS)


def suggested_parts() -> int:
    """As many parts as keep each within its bounds; the ids' span is a quick upper bound of the events."""
    events = 0
    for model in (Transaction, Interaction):
        span = model._default_manager.aggregate(low=Min("id"), high=Max("id"))
        events += (span["high"] or 0) - (span["low"] or 0)
    wanted = max(Customer.objects.count() / PART_CUSTOMERS, events / PART_EVENTS)
    return min(max(1, math.ceil(wanted)), MOST_PARTS)


def _in_hash_order(customers: pl.DataFrame, parts: int) -> pl.DataFrame:
    hashes = np.array([_hash(one) for one in customers["customer_id"]], dtype=np.uint64)
    part = (hashes * np.uint64(parts)) >> np.uint64(_HASH_BITS)
    return customers.with_columns(hash=pl.Series(hashes), part=pl.Series(part).cast(pl.Int64)).sort(
        "hash", "customer_id"
    )


def _hash(customer_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(customer_id.encode(), digest_size=_HASH_BITS // 8).digest(), "big")


def _physical(frame: pl.DataFrame) -> pl.DataFrame:
    """Enums as their numbers: small, and alike in every batch."""
    enums = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum)]
    return frame.with_columns(pl.col(name).to_physical().cast(pl.UInt8) for name in enums)


def _from_number(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return column.cat.to(dtype) if isinstance(dtype, pl.Enum) else column
