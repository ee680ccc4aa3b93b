"""The archive's files: a checksum is compared before a file is read, and a new file takes the old one's place at once.

A file is put in place in three steps: its checksum goes into a `.sha256` file beside it, the file is renamed, the
database's row is updated. Broken off between the last two, the checksum beside the file proves it right, and the row
is mended when the file is next read.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from django.conf import settings

from customers.archive.kinds import INSTANT, Archivable, archivable
from customers.clock import start_of
from customers.commands import Refused
from customers.models import ArchiveFile
from customers.sentences import gettext as _

_BLOCK = 1 << 20
BATCH_ROWS = 100_000
_checked: dict[tuple[str, int, int, int], str] = {}


def folder(kind: str) -> Path:
    path = Path(settings.DATA_DIR) / "archive" / kind
    path.mkdir(parents=True, exist_ok=True)
    return path


def month_path(kind: str, month: dt.date) -> Path:
    return folder(kind) / f"{month:%Y-%m}.parquet"


def scan(*, kind: str, since: dt.date, until: dt.date) -> pl.LazyFrame:
    """Archived rows of local days in [since, until), lazily, from the files of those months only.

    Raises Refused where a file is missing or is not what was written.
    """
    declaration = archivable(kind)
    months = ArchiveFile.objects.filter(kind=kind, month__gte=since.replace(day=1), month__lt=until)
    paths = [verified(file) for file in months.order_by("month")]
    if not paths or since >= until:
        return pl.LazyFrame(schema=declaration.schema)
    time = pl.col(declaration.time)
    low, high = (_instant(since), _instant(until)) if declaration.has_instants else (pl.lit(since), pl.lit(until))
    return pl.scan_parquet(paths).filter((time >= low) & (time < high))


def stream(*, kind: str, until: dt.date) -> Iterator[pl.DataFrame]:
    """Archived rows of local days before `until` in batches, a month after the other; Refused as in `scan`."""
    declaration = archivable(kind)
    end = _instant(until) if declaration.has_instants else pl.lit(until)
    for file in ArchiveFile.objects.filter(kind=kind, month__lt=until).order_by("month"):
        for batch in batches(verified(file)):
            yield batch.filter(pl.col(declaration.time) < end)


def months(*, kind: str) -> list[dt.date]:
    """The first days of the months that have a file, earliest first."""
    return list(ArchiveFile.objects.filter(kind=kind).order_by("month").values_list("month", flat=True))


def _instant(day: dt.date) -> pl.Expr:
    # In UTC as the column: a literal in another zone cannot be compared with the statistics of a file.
    return pl.lit(start_of(day).astimezone(dt.UTC), dtype=INSTANT)


def verified(file: ArchiveFile) -> Path:
    """The file's path, once its bytes are known to be those that were written; Refused otherwise."""
    path = Path(settings.DATA_DIR) / file.path
    actual = checksum(path) if path.exists() else ""
    if actual == file.sha256:
        return path
    if actual and actual == _noted(path):
        record(file.kind, file.month, path)
        return path
    reason = _("is missing") if not actual else _("does not match its checksum")
    raise Refused(_("The archive file {path} {reason}; restore it from a backup.").format(path=path, reason=reason))


def existing(kind: str, month: dt.date) -> Path | None:
    """The month's file, verified; also one whose row did not get written any more."""
    if file := ArchiveFile.objects.filter(kind=kind, month=month).first():
        return verified(file)
    path = month_path(kind, month)
    if not path.exists():
        return None
    return verified(ArchiveFile(kind=kind, month=month, path=str(path.relative_to(settings.DATA_DIR)), sha256=""))


def put(kind: str, month: dt.date, *, new: Path, path: Path) -> None:
    """Let the finished file `new` take the place of the month's."""
    _sync(new)
    _note(path, checksum(new))
    new.replace(path)
    record(kind, month, path)


def record(kind: str, month: dt.date, path: Path) -> None:
    values = {"path": str(path.relative_to(settings.DATA_DIR)), "n_rows": height(path), "sha256": checksum(path)}
    ArchiveFile.objects.update_or_create(kind=kind, month=month, defaults=values)


def merge(declaration: Archivable, *, old: Path | None, incoming: Path, into: Path) -> int:
    """Write the rows of the old file that the incoming one does not have, then its own; how many were kept."""
    n_kept = 0
    with writer(into, pl.Schema(declaration.schema)) as add:
        for batch in batches(old) if old else ():
            kept = batch.join(
                _shared_keys(declaration, batch, incoming), on=list(declaration.key), how="anti", maintain_order="left"
            )
            add(kept)
            n_kept += kept.height
        for batch in batches(incoming):
            add(batch)
    return n_kept


def drop_keys(declaration: Archivable, *, month: dt.date, incoming: Path) -> None:
    """Take rows that now stand in `month` out of every other month: their time was corrected since."""
    for file in ArchiveFile.objects.filter(kind=declaration.kind).exclude(month=month):
        path = verified(file)
        if any(not _shared_keys(declaration, batch, incoming).is_empty() for batch in batches(path, declaration.key)):
            new = path.with_suffix(".tmp")
            with writer(new, pl.Schema(declaration.schema)) as add:
                for batch in batches(path):
                    add(
                        batch.join(
                            _shared_keys(declaration, batch, incoming),
                            on=list(declaration.key),
                            how="anti",
                            maintain_order="left",
                        )
                    )
            put(declaration.kind, file.month, new=new, path=path)


def _shared_keys(declaration: Archivable, batch: pl.DataFrame, incoming: Path) -> pl.DataFrame:
    """Keys of the incoming file that the batch has too; two batches at a time, so that no month is held in memory."""
    ours = batch.select(declaration.key)
    on = list(declaration.key)
    return pl.concat([ours.clear(), *(ours.join(k, on=on, how="semi") for k in batches(incoming, declaration.key))])


@contextmanager
def writer(path: Path, schema: pl.Schema) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Writes frames one after another into a Parquet file; a row group each."""
    arrow = pl.DataFrame(schema=schema).to_arrow().schema
    with pq.ParquetWriter(path, arrow, compression="zstd") as file:
        yield lambda frame: file.write_table(frame.to_arrow().cast(arrow)) if frame.height else None


def batches(path: Path, columns: Sequence[str] | None = None, *, size: int = BATCH_ROWS) -> Iterator[pl.DataFrame]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=size, columns=list(columns) if columns else None):
            yield pl.DataFrame(batch)


def height(path: Path) -> int:
    n_rows: int = pq.read_metadata(path).num_rows
    return n_rows


def checksum(path: Path) -> str:
    """SHA-256 of the file; read again only when it has changed."""
    status = path.stat()
    seen = (str(path), status.st_size, status.st_mtime_ns, status.st_ino)
    if seen not in _checked:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        _checked[seen] = digest.hexdigest()
    return _checked[seen]


def _note(path: Path, sha256: str) -> None:
    """In the form that `sha256sum --check` reads."""
    beside, new = path.with_name(path.name + ".sha256"), path.with_name(path.name + ".sha256.tmp")
    new.write_text(f"{sha256}  {path.name}\n")
    _sync(new)
    new.replace(beside)


def _noted(path: Path) -> str:
    beside = path.with_name(path.name + ".sha256")
    return beside.read_text().partition(" ")[0] if beside.exists() else ""


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
