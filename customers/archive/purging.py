"""Moving rows past their retention out of the database, a month at a time.

A month's rows are written to a file of their own, merged into the month's file, read back and compared; only then are
they deleted, and only those that the database still holds as they were written. Broken off anywhere, the rows are in
the database or in both places, where the database wins; the next run merges them again and doubles nothing.
"""

import datetime as dt
import fcntl
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from customers.archive import files, kinds
from customers.archive.kinds import Archivable
from customers.clock import business_zone, start_of
from customers.commands import Advance, Refused

CHUNK_ROWS = 20_000
DELETE_ROWS = 5_000
LOCK = zlib.crc32(b"customers.archive")


def purge(*, as_of: dt.date, dry_run: bool = False, advance: Advance | None = None) -> dict[str, Any]:
    """Move what is past its retention, counted from `as_of`, into the archive; two at once take turns.

    Returns the rows moved (or, in a dry run, to be moved) in all, and for each kind with the first day that stays and
    the rows by month. Raises Refused where a file of the archive is damaged; nothing of that month is deleted then.
    """
    told = advance or Advance()
    with _alone():
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
    incoming = files.month_path(declaration.kind, month).with_suffix(".incoming")
    merged = incoming.with_suffix(".tmp")
    try:
        written = _write_incoming(declaration, rows, incoming)
        if written.is_empty():
            return 0
        old = files.existing(declaration.kind, month)
        files.merge(declaration, old=old, incoming=incoming, into=merged)
        _compare(declaration, written=written, merged=merged, old=old, incoming=incoming)
        files.put(declaration.kind, month, new=merged, path=files.month_path(declaration.kind, month))
        files.drop_keys(declaration, month=month, incoming=incoming)
    finally:
        incoming.unlink(missing_ok=True)
        merged.unlink(missing_ok=True)
    return _delete(declaration, written)


def _write_incoming(declaration: Archivable, rows: QuerySet[Any], path: Path) -> pl.DataFrame:
    """Write the rows in chunks; each one's pk and a hash of its columns."""
    ordered = rows.order_by(declaration.time, "pk").values_list("pk", *_sources(declaration))
    written = [pl.DataFrame(schema={"pk": pl.Int64(), "hash": pl.UInt64()})]
    schema = pl.DataFrame(schema=declaration.schema).to_arrow().schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for chunk in _chunks(ordered.iterator(chunk_size=CHUNK_ROWS), CHUNK_ROWS):
            pks, frame = _frame(declaration, chunk)
            writer.write_table(frame.to_arrow().cast(schema))
            written.append(pl.DataFrame({"pk": pks, "hash": frame.hash_rows()}))
    return pl.concat(written)


def _compare(declaration: Archivable, *, written: pl.DataFrame, merged: Path, old: Path | None, incoming: Path) -> None:
    """Read the new file back: every row as it was in the database, and no row of the old file lost."""
    hashes = [pl.DataFrame(schema={"hash": pl.UInt64()})]
    with pq.ParquetFile(merged) as file:
        for batch in file.iter_batches(batch_size=CHUNK_ROWS):
            frame = pl.DataFrame(batch).cast(pl.Schema(declaration.schema)).select(*declaration.schema)
            hashes.append(pl.DataFrame({"hash": frame.hash_rows()}))
    found = pl.concat(hashes)
    kept = 0
    if old is not None:
        keys = pl.scan_parquet(incoming).select(declaration.key)
        rest = pl.scan_parquet(old).join(keys, on=list(declaration.key), how="anti")
        kept = rest.select(pl.len()).collect().item()
    missing = written.join(found.unique(), on="hash", how="anti")
    if not missing.is_empty() or found.height != written.height + kept:
        raise Refused(
            _("What was read back from {path} differs from the database; nothing was deleted.").format(path=merged)
        )


def _delete(declaration: Archivable, written: pl.DataFrame) -> int:
    """Delete the rows that are as they were written; one changed meanwhile stays for the next run."""
    return sum(_delete_chunk(declaration, chunk) for chunk in written.iter_slices(DELETE_ROWS))


def _delete_chunk(declaration: Archivable, chunk: pl.DataFrame) -> int:
    wanted = chunk["pk"].to_list()
    with transaction.atomic():
        rows = declaration.rows().filter(pk__in=wanted)
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        pks, frame = _frame(declaration, list(rows.values_list("pk", *_sources(declaration))))
        now = pl.DataFrame({"pk": pks, "hash": frame.hash_rows()}, schema=chunk.schema)
        same = now.join(chunk, on=["pk", "hash"], how="semi")["pk"].to_list()
        declaration.rows().filter(pk__in=same).delete()
    return len(same)


def _frame(declaration: Archivable, rows: Sequence[tuple[Any, ...]]) -> tuple[list[int], pl.DataFrame]:
    pks, *values = zip(*rows, strict=True) if rows else ((), *(() for _ in declaration.columns))
    series = [
        pl.Series(name, list(map(column.convert, cells)) if column.convert else list(cells), dtype=column.dtype)
        for (name, column), cells in zip(declaration.columns.items(), values, strict=True)
    ]
    return list(pks), pl.DataFrame(series)


def _sources(declaration: Archivable) -> list[str]:
    return [column.source for column in declaration.columns.values()]


def _chunks(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := list(islice(rows, size)):
        yield chunk


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


@contextmanager
def _alone() -> Iterator[None]:
    """One purge at a time: by a lock in the database among machines, by one on the folder where there is no such."""
    folder = Path(settings.DATA_DIR) / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
