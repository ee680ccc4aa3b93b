"""The Parquet file of a snapshot: made of computed parts, named for its checksum, and held to it when it is read.

A file is written beside its place and renamed, and the manifest's row points at it: so a reader never sees half of one,
and two runs at once end as one.
"""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from predictions import peers
from predictions.features import engine
from predictions.models import FeatureSnapshot
from predictions.spool import Spool
from predictions.timings import Clock

ROW_GROUP = 16_384


def path_of(snapshot: FeatureSnapshot) -> Path:
    return Path(settings.DATA_DIR) / snapshot.path


def is_whole(snapshot: FeatureSnapshot) -> bool:
    """Whether the file is there and holds the bytes that were written.

    A process sums a file once, and again only where its size or its time of change is another: hashing takes about a
    thousandth of the time that computing took.
    """
    path = path_of(snapshot)
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return _sha256_of(path, found.st_ino, found.st_size, found.st_mtime_ns) == snapshot.sha256


@lru_cache(maxsize=1024)
def _sha256_of(path: Path, *_identity: int) -> str:
    return _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store(*, spool: Spool, as_of: dt.date, catalogue_version: str, clock: Clock) -> FeatureSnapshot:
    """The snapshot made of a spool's computed parts, in the place of the one before."""
    folder = Path(settings.DATA_DIR) / "snapshots"
    with _temporary(folder) as temporary:
        n_customers, n_eligible = _write(temporary, spool.results)
        sha256 = _sha256(temporary)
        final = folder / f"{as_of}-{sha256[:12]}.parquet"
        clock.mark("writing")
        groups = peers.groups_of(temporary)
        clock.mark("peers")
        facts = {"path": str(final.relative_to(settings.DATA_DIR)), "sha256": sha256, "timings": clock.seconds}
        counts = {"n_customers": n_customers, "n_eligible": n_eligible, "catalogue_version": catalogue_version}
        with transaction.atomic():
            # In this order: the row is locked while its file takes its place.
            snapshot, _created = FeatureSnapshot.objects.update_or_create(
                as_of=as_of, defaults=facts | counts | {"computed_at": clock.started_at}
            )
            peers.keep(snapshot, groups)
            temporary.rename(final)
    _remove_others(folder, as_of)
    return snapshot


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".tmp", delete=False) as file:
        path = Path(file.name)
    path.chmod(0o644)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _write(path: Path, parts: Sequence[Path]) -> tuple[int, int]:
    """One file from the parts, in row groups of a fixed size wherever the parts end; returns rows and eligible."""
    schema = pl.DataFrame(schema=engine.COLUMNS).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    n_rows = n_eligible = 0
    waiting = pl.DataFrame(schema=engine.COLUMNS)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in parts:
            frame = pl.read_ipc(part)
            n_rows, n_eligible = n_rows + len(frame), n_eligible + int(frame["eligible"].sum())
            waiting = pl.concat([waiting, frame])
            while len(waiting) >= ROW_GROUP:
                _write_group(writer, waiting.head(ROW_GROUP), schema)
                waiting = waiting.slice(ROW_GROUP)
        if n_rows == 0 or len(waiting):
            _write_group(writer, waiting, schema)
    return n_rows, n_eligible


def _write_group(writer: pq.ParquetWriter, rows: pl.DataFrame, schema: pa.Schema) -> None:
    table = rows.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
    writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)


def _remove_others(folder: Path, as_of: dt.date) -> None:
    """Earlier files of the date. The lock keeps away another run's file that its row does not point at yet."""
    with transaction.atomic():
        stored = FeatureSnapshot.objects.select_for_update().filter(as_of=as_of).values_list("path", flat=True)
        kept = {Path(path).name for path in stored}
        for path in folder.glob(f"{as_of}-*.parquet"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
