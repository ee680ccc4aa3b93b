"""A spool: rows read once, split by a hash of the customer's id into parts, each computed on its own.

Rows are read in slices, in any order and by as many processes as there are; each slice has a folder of its own with a
file for each part. Memory is bounded by the part, not by the data. Parts are ranges of the hash, in which customers
stand in its order: so the parts one after the other are in the same order however many there are.
"""

import datetime as dt
import hashlib
import json
import math
import shutil
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl
import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from customers.commands import Advance
from customers.models import Customer
from predictions import sources
from predictions.features import engine, network
from predictions.features.core import HISTORY_DAYS, WINDOW_DAYS

PART_CUSTOMERS = 12_500
PART_EVENTS = 1_500_000
MOST_PARTS = 200
SPOOL_SECONDS = 24 * 3600
_HASH_BITS = 32
_EVENTS: dict[sources.Kind, dict[str, pl.DataType]] = {
    "transactions": engine.TRANSACTIONS,
    "interactions": engine.INTERACTIONS,
}


@dataclass(frozen=True)
class Plan:
    """What a spool holds: the rows of [since, until), read in these slices, split into so many parts."""

    since: dt.date
    until: dt.date
    parts: int
    slices: tuple[sources.Slice, ...]

    @classmethod
    def of(cls, text: str) -> "Plan":
        given = json.loads(text)
        days = {name: dt.date.fromisoformat(given[name]) for name in ("since", "until")}
        slices = tuple(sources.Slice(**one) for one in given["slices"])
        return cls(**days, parts=given["parts"], slices=slices)

    def text(self) -> str:
        return json.dumps(asdict(self), default=str)


@dataclass(frozen=True)
class Spool:
    """A folder with the rows of [since, until), by slice and part."""

    folder: Path

    @classmethod
    def fill(cls, *, since: dt.date, until: dt.date, parts: int | None, advance: Advance) -> "Spool":
        """Read the rows of [since, until) into a new folder under DATA_DIR."""
        spool = cls.plan(since=since, until=until, parts=parts)
        try:
            for number in spool.slices:
                spool.read(number)
                advance(_("reading"), number + 1, len(spool.slices))
        except BaseException:
            spool.remove()
            raise
        return spool

    @classmethod
    def plan(cls, *, since: dt.date, until: dt.date, parts: int | None) -> "Spool":
        """A new folder with the customers, whose slices `read` is to fill."""
        base = Path(settings.DATA_DIR) / "spool"
        base.mkdir(parents=True, exist_ok=True)
        _sweep(base)
        spool = cls(Path(tempfile.mkdtemp(prefix=f"features-{until}-", dir=base)))
        try:
            spool._lay_out(since, until, parts or suggested_parts())
        except BaseException:
            spool.remove()
            raise
        return spool

    @property
    def parts(self) -> list[int]:
        return list(range(self._plan().parts))

    @property
    def slices(self) -> list[int]:
        return list(range(len(self._plan().slices)))

    def is_there(self) -> bool:
        return (self.folder / "plan.json").exists()

    def remove(self) -> None:
        """Take the folder away under another name first: then nobody who is still at it puts anything more in."""
        gone = self.folder.with_name(f"gone-{uuid.uuid4().hex}")
        with suppress(FileNotFoundError):
            self.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def read(self, number: int) -> None:
        """Read a slice and split it into its parts; nothing to do where that is done."""
        done = self._slice(number)
        if done.exists():
            return
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        self._split(self._plan(), number, folder)
        try:
            folder.rename(done)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            if not done.exists():  # unless another was first
                raise

    def _lay_out(self, since: dt.date, until: dt.date, parts: int) -> None:
        customers = _in_hash_order(sources.customers().filter(pl.col("registered_on") < until), parts)
        customers.write_ipc(self.folder / "customers.arrow")
        sources.links().write_ipc(self.folder / "links.arrow")
        plan = Plan(since, until, parts, tuple(sources.slices(since=since, until=until)))
        (self.folder / "plan.json").write_text(plan.text())

    def _split(self, plan: Plan, number: int, folder: Path) -> None:
        one, customers = plan.slices[number], self.customers()
        schema = _physical(pl.DataFrame(schema=_EVENTS[one.kind])).to_arrow().schema
        part_of = customers.select("customer_pk", "part")
        sinks: dict[int, pa.ipc.RecordBatchFileWriter] = {}
        with ExitStack() as stack:
            for batch in sources.read(one, since=plan.since, until=plan.until, customers=customers):
                pieces = batch.join(part_of, on="customer_pk", how="inner", maintain_order="none")
                for key, piece in pieces.partition_by("part", as_dict=True, include_key=False).items():
                    part = cast(int, key[0])
                    if part not in sinks:
                        sinks[part] = stack.enter_context(pa.ipc.new_file(str(folder / f"{part}.arrow"), schema))
                    sinks[part].write_table(_physical(piece).to_arrow().cast(schema))

    def _plan(self) -> Plan:
        return Plan.of((self.folder / "plan.json").read_text())

    def _slice(self, number: int) -> Path:
        return self.folder / f"slice-{number}"

    def customers(self) -> pl.DataFrame:
        """Every customer registered before the spool's end, with its part."""
        return pl.read_ipc(self.folder / "customers.arrow")

    def events(self, kind: sources.Kind, part: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of one part's customers, of every slice."""
        schema = {name: _EVENTS[kind][name] for name in columns or _EVENTS[kind]}
        of_kind = [number for number, one in enumerate(self._plan().slices) if one.kind == kind]
        paths = [path for number in of_kind if (path := self._slice(number) / f"{part}.arrow").exists()]
        if not paths:
            return pl.DataFrame(schema=schema)
        frame = pl.concat([pl.read_ipc(path, columns=list(schema)) for path in paths])
        return frame.select(_from_number(name, dtype) for name, dtype in schema.items())

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

    @property
    def results(self) -> list[Path]:
        """Where `compute_result` puts the features of each part."""
        return [self.folder / f"features-{part}.arrow" for part in self.parts]

    @property
    def _neighbours(self) -> Path:
        return self.folder / "neighbours.arrow"

    def prepare(self, *, as_of: dt.date) -> None:
        """Keep what the parts need of each other; every slice has to be read before."""
        _write_whole(self.neighbours(as_of=as_of), self._neighbours)

    def is_prepared(self) -> bool:
        return self._neighbours.exists()

    def compute_result(self, *, as_of: dt.date, part: int) -> None:
        """Keep the features of one part; nothing to do where that is done."""
        result = self.results[part]
        if not result.exists():
            _write_whole(self.compute(as_of=as_of, part=part, neighbours=pl.read_ipc(self._neighbours)), result)


def history(as_of: dt.date) -> dt.date:
    """The first day of the history of `as_of`."""
    return as_of - dt.timedelta(days=HISTORY_DAYS)


def _sweep(base: Path) -> None:
    """Remove what processes that were killed left behind: spools that nobody has touched for a day."""
    for path in [*base.glob("features-*"), *base.glob("gone-*"), *base.glob("*.current")]:
        with suppress(FileNotFoundError):
            if time.time() - path.lstat().st_mtime > SPOOL_SECONDS:
                path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)


def suggested_parts() -> int:
    """As many parts as keep each within its bounds."""
    events = sum(sources.most_rows(kind) for kind in _EVENTS)
    wanted = max(Customer.objects.count() / PART_CUSTOMERS, events / PART_EVENTS)
    return min(max(1, math.ceil(wanted)), MOST_PARTS)


def _in_hash_order(customers: pl.DataFrame, parts: int) -> pl.DataFrame:
    hashes = np.array([_hash(one) for one in customers["customer_id"]], dtype=np.uint64)
    part = (hashes * np.uint64(parts)) >> np.uint64(_HASH_BITS)
    return customers.with_columns(hash=pl.Series(hashes), part=pl.Series(part).cast(pl.Int64)).sort(
        "hash", "customer_id"
    )


def share_before(customer_id: str) -> float:
    """About which share of all customers, from 0 to 1, stands before this one in a snapshot's order."""
    return _hash(customer_id) / 2**_HASH_BITS


def _hash(customer_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(customer_id.encode(), digest_size=_HASH_BITS // 8).digest(), "big")


def _physical(frame: pl.DataFrame) -> pl.DataFrame:
    """Enums as their numbers: small, and alike in every batch."""
    enums = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum)]
    return frame.with_columns(pl.col(name).to_physical().cast(pl.UInt8) for name in enums)


def _from_number(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    return column.cat.to(dtype) if isinstance(dtype, pl.Enum) else column


def _write_whole(frame: pl.DataFrame, path: Path) -> None:
    """Write whole or not at all: under another name until then."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        frame.write_ipc(file)
    Path(file.name).rename(path)
