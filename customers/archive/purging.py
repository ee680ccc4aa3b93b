"""Moving rows past their retention out of the database, a month at a time.

A month's rows are written to a file of their own, merged into the month's file, read back and compared; only then are
they deleted, and only those that the database still holds as they were written. Broken off anywhere, the rows are in
the database or in both places, where the database wins; the next run merges them again and doubles nothing. All goes
in batches, keys and hashes by way of a file too, so that no step holds a month in memory.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import Max, Min, QuerySet

from customers import audit, unsubscribed
from customers.alone import alone
from customers.archive import files, kinds
from customers.archive.kinds import Archivable
from customers.archive.rows import MARKS, frame, having, read, values
from customers.clock import business_zone, start_of
from customers.commands import Advance, Refused
from customers.sentences import gettext as _

CHUNK_ROWS = 25_000
DELETE_ROWS = 10_000
LOCK = "customers.archive"


def purge(*, as_of: dt.date, dry_run: bool = False, advance: Advance | None = None) -> dict[str, Any]:
    """Move what is past its retention, counted from `as_of`, into the archive; two at once take turns.

    Returns the rows moved (or, in a dry run, to be moved) in all, and for each kind with the first day that stays and
    the rows by month. Raises Refused where a file of the archive is damaged; nothing of that month is deleted then.
    """
    told = advance or Advance()
    with alone(LOCK):
        if not dry_run:
            unsubscribed.note()  # Holds rest on events in the database, which are about to leave it.
        results: dict[str, dict[str, Any]] = {
            expiring.kind: {
                "stays_from": str(expiring.cutoff(as_of=as_of)),
                "months": expiring.purge(as_of=as_of, dry_run=dry_run, advance=told),
            }
            for expiring in kinds.registered()
        }
    for result in results.values():
        result["n_rows"] = sum(result["months"].values())
    n_rows = sum(result["n_rows"] for result in results.values())
    return {"as_of": str(as_of), "dry_run": dry_run, "n_rows": n_rows, "kinds": results}


def purge_rows(declaration: Archivable, *, until: dt.date, dry_run: bool, advance: Advance) -> dict[str, int]:
    """Rows of local days before `until`, month by month; the rows moved by month."""
    moved: dict[str, int] = {}
    expired = _before(declaration, declaration.rows(), until)
    span = expired.aggregate(first=Min(declaration.time), last=Max(declaration.time))
    if span["first"] is None:
        return moved
    months = list(_months(_local_day(span["first"]), _local_day(span["last"])))
    for done, month in enumerate(months):
        rows = _of_month(declaration, expired, month)
        n_rows = rows.count() if dry_run else _move_month(declaration, rows, month)
        if n_rows:
            moved[f"{month:%Y-%m}"] = n_rows
        advance(declaration.kind, done + 1, len(months))
    return moved


def _move_month(declaration: Archivable, rows: QuerySet[Any], month: dt.date) -> int:
    path = files.month_path(declaration.kind, month)
    incoming, marks, merged = (path.with_suffix(suffix) for suffix in (".incoming", ".marks", ".tmp"))
    try:
        if not _write_incoming(declaration, rows, incoming, marks):
            return 0
        old = files.existing(declaration.kind, month)
        n_kept = files.merge(declaration, old=old, incoming=incoming, into=merged)
        _compare(marks=marks, merged=merged, n_kept=n_kept)
        files.put(declaration.kind, month, new=merged, path=path)
        files.drop_keys(declaration, month=month, incoming=incoming)
        return _delete(declaration, marks)
    finally:
        for file in (incoming, marks, merged):
            file.unlink(missing_ok=True)


def _write_incoming(declaration: Archivable, rows: QuerySet[Any], path: Path, marks: Path) -> int:
    """Write the rows' columns to the one file and their marks to the other; how many they are."""
    n_rows = 0
    with (
        files.writer(path, pl.Schema(declaration.schema)) as add,
        files.writer(marks, MARKS) as mark,
    ):
        for marked, columns in read(declaration, rows, size=CHUNK_ROWS):
            add(columns)
            mark(marked)
            n_rows += columns.height
    return n_rows


def _compare(*, marks: Path, merged: Path, n_kept: int) -> None:
    """Read the new file back: after the rows that were kept, every row as it was in the database, and no other."""
    wanted = _of_one_size(batch["hash"] for batch in files.batches(marks))
    found = _of_one_size(batch.hash_rows() for batch in _after(n_kept, files.batches(merged)))
    same = files.height(merged) == n_kept + files.height(marks) and all(
        ours.equals(theirs) for ours, theirs in zip(wanted, found, strict=True)
    )
    if not same:
        raise Refused(
            _("What was read back from {path} differs from the database; nothing was deleted.").format(path=merged)
        )


def _after(n_rows: int, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    for batch in batches:
        yield batch[n_rows:]
        n_rows = max(0, n_rows - batch.height)


def _of_one_size(parts: Iterator[pl.Series]) -> Iterator[pl.Series]:
    held = pl.Series(dtype=pl.UInt64())
    for part in parts:
        held = pl.concat([held, part.alias("")])
        while held.len() >= CHUNK_ROWS:
            yield held[:CHUNK_ROWS]
            held = held[CHUNK_ROWS:]
    yield held


def _delete(declaration: Archivable, marks: Path) -> int:
    """Delete the rows that are as they were written; one changed meanwhile stays for the next run."""
    return sum(_delete_chunk(declaration, chunk) for chunk in files.batches(marks, size=DELETE_ROWS))


def _delete_chunk(declaration: Archivable, chunk: pl.DataFrame) -> int:
    with transaction.atomic(), audit.counted(source="archive"):
        locked = having(declaration.rows(), chunk["pk"].to_list()).select_for_update(no_key=True, of=("self",))
        now, _columns = frame(declaration, list(values(declaration, locked.order_by("pk"))))
        same = now.join(chunk, on=["pk", "hash"], how="semi")["pk"].to_list()
        having(declaration.rows(), same).delete()
    return len(same)


def _before(declaration: Archivable, rows: QuerySet[Any], day: dt.date) -> QuerySet[Any]:
    return rows.filter(**{f"{declaration.time}__lt": start_of(day) if declaration.has_instants else day})


def _of_month(declaration: Archivable, rows: QuerySet[Any], month: dt.date) -> QuerySet[Any]:
    low = start_of(month) if declaration.has_instants else month
    return _before(declaration, rows.filter(**{f"{declaration.time}__gte": low}), _next(month))


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _next(month)


def _next(month: dt.date) -> dt.date:
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _local_day(time: dt.datetime | dt.date) -> dt.date:
    return time.astimezone(business_zone()).date() if isinstance(time, dt.datetime) else time
