"""One chunk of checked rows into the database: all of it or nothing, with the counts of its file."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import polars as pl
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from customers.clock import business_zone
from customers.ingest import stage
from customers.ingest.archived import fated
from customers.ingest.declare import Kind
from customers.ingest.erased import turned_away
from customers.ingest.repeats import Repeats
from customers.ingest.setting_aside import Aside, aside, give_way, keep, mended_before, replace
from customers.ingest.values import Now
from customers.models import ImportFile

FATES = ("added", "updated", "unchanged", "set_aside")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of a chunk: counts by fate, and the rows that were set aside."""

    counts: Counter[str]
    set_aside: list[Aside]
    fates: dict[int, str] = field(default_factory=dict)


def store(
    *, file: ImportFile, earlier: list[int], kind: Kind, frame: pl.DataFrame, repeats: Repeats, now: Now
) -> Stored:
    """Put a chunk in, set aside what cannot go in, and add its counts to its file, in one transaction."""
    frame = turned_away(repeats.marked(frame, kind=kind), kind=kind)
    with transaction.atomic():
        stage.lock(kind)
        if earlier:
            replace(earlier, frame["line"])
        put = put_in(kind=kind, frame=frame.filter(pl.col("reasons").is_null()), now=now, supersede=True)
        rows = aside(frame, kind=kind, waiting=put.waiting)
        again = mended_before(earlier, rows) if earlier else set()
        rows = [row for row in rows if row.line not in again]
        keep(file, kind, rows)
        counts = put.counts
        counts["set_aside"] = sum(row.n_rows for row in rows)
        counts["unchanged"] += int(frame["n_rows"].sum()) - sum(counts.values())
        count(file.pk, counts, n_read=int(frame["n_rows"].sum()))
    return Stored(counts=counts, set_aside=rows, fates=put.fates)


@dataclass(frozen=True, kw_only=True)
class PutIn:
    """What became of good rows: counts by fate, each row's fate, and the customers that the waiting ones wait for."""

    counts: Counter[str]
    fates: dict[int, str]
    waiting: dict[int, list[str]]


def put_in(*, kind: Kind, frame: pl.DataFrame, now: Now, supersede: bool) -> PutIn:
    """Good rows into their table; older waiting rows with the same id give way where `supersede` says so."""
    if frame.is_empty():
        return PutIn(counts=Counter(), fates={}, waiting={})
    parts = [
        _put_in(kind=kind, frame=part, now=now, supersede=supersede)
        for part in frame.partition_by("lacks", maintain_order=True)
    ]
    return PutIn(
        counts=sum((part.counts for part in parts), start=Counter[str]()),
        fates={row: fate for part in parts for row, fate in part.fates.items()},
        waiting={row: customers for part in parts for row, customers in part.waiting.items()},
    )


def _put_in(*, kind: Kind, frame: pl.DataFrame, now: Now, supersede: bool) -> PutIn:
    """Rows that have cells for the same columns; what is stored of the other columns stays."""
    lacks = frozenset(frame["lacks"][0].split(","))
    stage.fill(kind, fated(frame, kind=kind, lacks=lacks, now=now))
    stage.put_in(kind, n_rows=frame.height, lacks=lacks, now=now.instant)
    if supersede and kind.key:
        give_way(kind)
    totals = Counter({fate: n for fate, n in stage.totals().items() if fate != "waiting"})
    return PutIn(counts=totals, fates=dict(stage.fates()), waiting=stage.unknown_customers(kind))


def count(file_id: int, counts: Counter[str], *, n_read: int = 0) -> None:
    """Add to a file's counts in one statement, so that they add up at every moment."""
    changes = {f"n_{fate}": F(f"n_{fate}") + counts[fate] for fate in FATES if counts[fate]}
    ImportFile.objects.filter(pk=file_id).update(n_read=F("n_read") + n_read, heartbeat_at=timezone.now(), **changes)


def clock() -> Now:
    """The real clock and the business time zone."""
    return Now(instant=dt.datetime.now(dt.UTC), zone=business_zone())
