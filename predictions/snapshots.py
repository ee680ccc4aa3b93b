"""The snapshot of an as-of date: the 88 features of every customer in one Parquet file, and its row in the manifest.

`ensure` makes it in one process; `begin`, `compute_part` and `finish` are the same in stages that workers share. A file
is written beside its place and renamed, named for its checksum, and the manifest's row points at it: so a reader never
sees half of one, and two runs at once end as one.
"""

import datetime as dt
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused
from customers.models import ImportFile, SetAsideRow
from predictions.features import engine
from predictions.features.catalogue import CATALOGUE_VERSION
from predictions.models import FeatureSnapshot
from predictions.spool import Spool, history

ROW_GROUP = 16_384


def catalogue_version() -> str:
    """The version of the declarations; where the monetary thresholds are not the default, theirs too."""
    thresholds = tuple(float(amount) for amount in settings.MONETARY_THRESHOLDS)
    if thresholds == tuple(float(amount) for amount in engine.MONETARY_THRESHOLDS):
        return CATALOGUE_VERSION
    return f"{CATALOGUE_VERSION}-{hashlib.sha256(repr(thresholds).encode()).hexdigest()[:6]}"


def current(*, as_of: dt.date) -> FeatureSnapshot | None:
    """The stored snapshot of `as_of`, if it is of this catalogue, its file is there, and no rows came in since."""
    found = FeatureSnapshot.objects.filter(as_of=as_of, catalogue_version=catalogue_version()).first()
    return found if found and _path(found).is_file() and not _rows_came_after(found.computed_at) else None


def _rows_came_after(moment: dt.datetime) -> bool:
    changed = Q(n_added__gt=0) | Q(n_updated__gt=0)
    imported = ImportFile.objects.filter(changed, Q(ended_at__gt=moment) | Q(ended_at=None))
    return imported.exists() or SetAsideRow.objects.filter(resolved_at__gt=moment).exists()


def exists(*, as_of: dt.date, catalogue_version: str) -> bool:
    """Whether there is a snapshot of `as_of` of just this catalogue."""
    found = FeatureSnapshot.objects.filter(as_of=as_of, catalogue_version=catalogue_version).first()
    return found is not None and _path(found).is_file()


def ensure(
    *, as_of: dt.date, parts: int | None = None, again: bool = False, advance: Advance | None = None
) -> FeatureSnapshot:
    """The snapshot of `as_of`, computed unless a current one is there; `again` computes it in any case."""
    found = None if again else current(as_of=as_of)
    if found:
        return found
    advance = advance or Advance()
    clock = _Clock()
    spool = Spool.fill(since=history(as_of), until=as_of, parts=parts, advance=advance)
    try:
        neighbours = spool.neighbours(as_of=as_of)
        clock.mark("reading")
        _Neighbours(spool).write(neighbours)
        for part in spool.parts:
            _compute_part(spool, as_of, part)
            advance(_("features"), part + 1, len(spool.parts))
        clock.mark("features")
        return _store(spool, as_of, clock)
    finally:
        spool.remove()


def begin(as_of: dt.date, parts: int | None = None) -> list[int]:
    """Read the rows of `as_of` once into a spool that `compute_part` finds; returns the numbers of its parts."""
    clock = _Clock()
    spool = Spool.fill(since=history(as_of), until=as_of, parts=parts, advance=Advance())
    _Neighbours(spool).write(spool.neighbours(as_of=as_of))
    (spool.folder / "reading.seconds").write_text(str(clock.since_start()))
    _point_at(spool, as_of)
    return spool.parts


def compute_part(as_of: dt.date, part: int) -> None:
    """Compute one part of what `begin` read; nothing to do where it is done or the snapshot is stored already."""
    spool = _begun(as_of)
    if spool is not None:
        _compute_part(spool, as_of, part)


def finish(as_of: dt.date) -> FeatureSnapshot:
    """Store the snapshot from its parts, computing those that nobody did."""
    spool = _begun(as_of)
    if spool is None:
        return ensure(as_of=as_of)
    clock = _Clock()
    for part in spool.parts:
        _compute_part(spool, as_of, part)
    clock.mark("features")
    clock.seconds["reading"] = float((spool.folder / "reading.seconds").read_text())
    read_until = dt.datetime.fromtimestamp((spool.folder / "reading.seconds").stat().st_mtime, tz=dt.UTC)
    clock.started_at = read_until - dt.timedelta(seconds=clock.seconds["reading"])
    snapshot = _store(spool, as_of, clock)
    _pointer(as_of).unlink(missing_ok=True)
    spool.remove()
    return snapshot


def read(
    *,
    as_of: dt.date,
    columns: Sequence[str] | None = None,
    eligible_only: bool = False,
    customer_id: str | None = None,
) -> pl.DataFrame:
    """The stored snapshot: customer_pk, customer_id, the 88 in order, eligible; in an order that never changes.

    `columns` keeps those only; `customer_id` gives one customer's row, or none. Refused where there is no snapshot.
    """
    snapshot = FeatureSnapshot.objects.filter(as_of=as_of).first()
    if snapshot is None or not _path(snapshot).is_file():
        raise Refused(_("There is no feature snapshot of %(as_of)s.") % {"as_of": as_of})
    rows = pl.scan_parquet(_path(snapshot))
    if eligible_only:
        rows = rows.filter(pl.col("eligible"))
    if customer_id is not None:
        rows = rows.filter(pl.col("customer_id") == customer_id)
    return rows.select(*(columns or engine.COLUMNS)).collect()


def features_at(
    *, as_of_dates: Iterable[dt.date], advance: Advance | None = None
) -> Iterator[tuple[dt.date, pl.DataFrame]]:
    """The features at many dates, as `read` gives them, in the dates' order; nothing is stored.

    Snapshots of this catalogue are reused; for the other dates the rows are read once.
    """
    dates = list(as_of_dates)
    advance = advance or Advance()
    missing = [date for date in dates if current(as_of=date) is None]
    spool = _spool_for(missing, advance)
    try:
        for done, date in enumerate(dates, start=1):
            yield date, _compute(spool, date) if spool and date in missing else read(as_of=date)
            advance(_("features"), done, len(dates))
    finally:
        if spool:
            spool.remove()


def _spool_for(dates: list[dt.date], advance: Advance) -> Spool | None:
    if not dates:
        return None
    return Spool.fill(since=history(min(dates)), until=max(dates), parts=None, advance=advance)


def _compute(spool: Spool, as_of: dt.date) -> pl.DataFrame:
    neighbours = spool.neighbours(as_of=as_of)
    return pl.concat([spool.compute(as_of=as_of, part=part, neighbours=neighbours) for part in spool.parts])


def _compute_part(spool: Spool, as_of: dt.date, part: int) -> None:
    result = spool.folder / f"features-{part}.arrow"
    if result.exists():
        return
    frame = spool.compute(as_of=as_of, part=part, neighbours=_Neighbours(spool).read())
    with tempfile.NamedTemporaryFile(dir=spool.folder, delete=False) as file:
        frame.write_ipc(file)
    Path(file.name).rename(result)


class _Neighbours:
    """The neighbours' activity, kept with the spool for its parts."""

    def __init__(self, spool: Spool) -> None:
        self._path = spool.folder / "neighbours.arrow"

    def write(self, frame: pl.DataFrame) -> None:
        frame.write_ipc(self._path)

    def read(self) -> pl.DataFrame:
        return pl.read_ipc(self._path)


def _store(spool: Spool, as_of: dt.date, clock: "_Clock") -> FeatureSnapshot:
    folder = Path(settings.DATA_DIR) / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".tmp", delete=False) as file:
        pass
    temporary = Path(file.name)
    try:
        n_customers, n_eligible = _write(temporary, [spool.folder / f"features-{part}.arrow" for part in spool.parts])
        with temporary.open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        final = folder / f"{as_of}-{sha256[:12]}.parquet"
        temporary.chmod(0o644)
        temporary.rename(final)
    finally:
        temporary.unlink(missing_ok=True)
    clock.mark("writing")
    facts = {"path": str(final.relative_to(settings.DATA_DIR)), "sha256": sha256, "timings": clock.seconds}
    counts = {"n_customers": n_customers, "n_eligible": n_eligible, "catalogue_version": catalogue_version()}
    snapshot, _created = FeatureSnapshot.objects.update_or_create(
        as_of=as_of, defaults=facts | counts | {"computed_at": clock.started_at}
    )
    _remove_others(folder, as_of, final)
    return snapshot


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


def _remove_others(folder: Path, as_of: dt.date, final: Path) -> None:
    """Earlier files of the date; another run's file stays if the manifest points at it by now."""
    stored = FeatureSnapshot.objects.filter(as_of=as_of).values_list("path", flat=True)
    kept = {final.name, *(Path(path).name for path in stored)}
    for path in folder.glob(f"{as_of}-*.parquet"):
        if path.name not in kept:
            with suppress(FileNotFoundError):
                path.unlink()


def _path(snapshot: FeatureSnapshot) -> Path:
    return Path(settings.DATA_DIR) / snapshot.path


def _pointer(as_of: dt.date) -> Path:
    return Path(settings.DATA_DIR) / "spool" / f"{as_of}.current"


def _point_at(spool: Spool, as_of: dt.date) -> None:
    """Make the spool the date's; the one before it, of a run that broke off, goes."""
    before = _begun(as_of)
    temporary = spool.folder / "current"
    temporary.write_text(spool.folder.name)
    os.replace(temporary, _pointer(as_of))  # noqa: PTH105 - the name says that it replaces
    if before is not None:
        before.remove()


def _begun(as_of: dt.date) -> Spool | None:
    with suppress(FileNotFoundError):
        folder = _pointer(as_of).parent / _pointer(as_of).read_text()
        return Spool(folder) if (folder / "spool.json").exists() else None
    return None


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.started_at = timezone.now()
        self._start = self._last = time.perf_counter()

    def mark(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage], self._last = round(now - self._last, 3), now

    def since_start(self) -> float:
        return round(time.perf_counter() - self._start, 3)
