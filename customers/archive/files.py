"""The archive's files: a checksum is compared before a file is read, and a new file takes the old one's place at once.

A file is put in place in three steps: its checksum goes into a `.sha256` file beside it, the file is renamed, the
database's row is updated. Broken off between the last two, the checksum beside the file proves it right, and the row
is mended when the file is next read.
"""

import datetime as dt
import hashlib
import os
from pathlib import Path

import polars as pl
from django.conf import settings
from django.utils.translation import gettext as _

from customers.archive.kinds import INSTANT, Archivable, archivable
from customers.clock import start_of
from customers.commands import Refused
from customers.models import ArchiveFile

_BLOCK = 1 << 20
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
    n_rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    values = {"path": str(path.relative_to(settings.DATA_DIR)), "n_rows": n_rows, "sha256": checksum(path)}
    ArchiveFile.objects.update_or_create(kind=kind, month=month, defaults=values)


def merge(declaration: Archivable, *, old: Path | None, incoming: Path, into: Path) -> None:
    """Write the rows of both; of rows with the same key, the incoming one."""
    rows = pl.scan_parquet(incoming)
    if old is not None:
        kept = pl.scan_parquet(old).join(rows.select(declaration.key), on=list(declaration.key), how="anti")
        rows = pl.concat([kept, rows])
    rows.sink_parquet(into, compression="zstd")


def drop_keys(declaration: Archivable, *, month: dt.date, incoming: Path) -> None:
    """Take rows that now stand in `month` out of every other month: their time was corrected since."""
    keys = pl.scan_parquet(incoming).select(declaration.key)
    on = list(declaration.key)
    for file in ArchiveFile.objects.filter(kind=declaration.kind).exclude(month=month):
        path = verified(file)
        rows = pl.scan_parquet(path)
        if rows.join(keys, on=on, how="semi").select(pl.len()).collect().item():
            new = path.with_suffix(".tmp")
            rows.join(keys, on=on, how="anti").sink_parquet(new, compression="zstd")
            put(declaration.kind, file.month, new=new, path=path)


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
