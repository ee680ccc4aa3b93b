"""The snapshot of an as-of date: the 88 features of every customer in one Parquet file, and its row in the manifest.

`ensure` makes it in this process; `snapshot_stages` does the same in stages that workers share.
"""

import datetime as dt
import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db.models import Q

from customers.commands import Advance, Refused
from customers.models import ImportFile, SetAsideRow
from customers.sentences import gettext as _
from predictions.features import engine
from predictions.features.catalogue import CATALOGUE_VERSION
from predictions.models import FeatureSnapshot
from predictions.snapshot_files import is_whole, path_of, store
from predictions.spool import Spool, history, share_before
from predictions.timings import Clock


class Replaced(Refused):
    """The features of a date were computed again, from other rows than those that were asked for."""


def catalogue_version() -> str:
    """The version of the declarations; where the monetary thresholds are not the default, theirs too."""
    thresholds = tuple(float(amount) for amount in settings.MONETARY_THRESHOLDS)
    if thresholds == tuple(float(amount) for amount in engine.MONETARY_THRESHOLDS):
        return CATALOGUE_VERSION
    return f"{CATALOGUE_VERSION}-{hashlib.sha256(repr(thresholds).encode()).hexdigest()[:6]}"


def current(*, as_of: dt.date) -> FeatureSnapshot | None:
    """The stored snapshot of `as_of`, if it is of this catalogue, its file is whole, and no rows came in since."""
    found = FeatureSnapshot.objects.filter(as_of=as_of, catalogue_version=catalogue_version()).first()
    return found if found and is_whole(found) and not _rows_came_after(found.computed_at) else None


def _rows_came_after(moment: dt.datetime) -> bool:
    changed = Q(n_added__gt=0) | Q(n_updated__gt=0)
    imported = ImportFile.objects.filter(changed, Q(ended_at__gt=moment) | Q(ended_at=None))
    return imported.exists() or SetAsideRow.objects.filter(resolved_at__gt=moment).exists()


def exists(*, as_of: dt.date, catalogue_version: str) -> bool:
    """Whether there is a snapshot of `as_of` of just this catalogue."""
    found = FeatureSnapshot.objects.filter(as_of=as_of, catalogue_version=catalogue_version).first()
    return found is not None and is_whole(found)


def ensure(
    *, as_of: dt.date, parts: int | None = None, again: bool = False, advance: Advance | None = None
) -> FeatureSnapshot:
    """The snapshot of `as_of`, computed unless a current one is there; `again` computes it in any case."""
    found = None if again else current(as_of=as_of)
    if found:
        return found
    advance = advance or Advance()
    clock = Clock()
    spool = Spool.fill(since=history(as_of), until=as_of, parts=parts, advance=advance)
    try:
        spool.prepare(as_of=as_of)
        clock.mark("reading")
        for part in spool.parts:
            spool.compute_result(as_of=as_of, part=part)
            advance(_("features"), part + 1, len(spool.parts))
        clock.mark("features")
        return store(spool=spool, as_of=as_of, catalogue_version=catalogue_version(), clock=clock)
    finally:
        spool.remove()


def read(
    *,
    as_of: dt.date,
    columns: Sequence[str] | None = None,
    eligible_only: bool = False,
    customer_id: str | None = None,
    rows: tuple[int, int] | None = None,
    sha256: str | None = None,
) -> pl.DataFrame:
    """The stored snapshot: customer_pk, customer_id, the 88 in order, eligible; in an order that never changes.

    `columns` keeps those only; `customer_id` gives one customer's row, or none; `rows` looks at those of [first, last)
    of the file only. Refused where there is no snapshot, or its file is not what was written; Replaced where `sha256`
    is given and the stored one has another.
    """
    for snapshot in _found(as_of):
        if sha256 not in (None, snapshot.sha256):
            raise Replaced(_("The features of %(as_of)s were computed again meanwhile.") % {"as_of": as_of})
        with suppress(FileNotFoundError):
            _refuse_damaged(snapshot)
            tried = [rows] if rows is not None or customer_id is None else [_near(snapshot, customer_id), None]
            for part in tried:
                found = _scan(path_of(snapshot), rows=part, eligible_only=eligible_only, customer_id=customer_id)
                frame = found.select(*(columns or engine.COLUMNS)).collect()
                if part == tried[-1] or not frame.is_empty():
                    return frame
    raise Refused(_("There is no feature snapshot of %(as_of)s.") % {"as_of": as_of})


def _found(as_of: dt.date) -> Iterator[FeatureSnapshot]:
    """The snapshot, and once more for each file that another run put in its place meanwhile."""
    seen = None
    while (found := FeatureSnapshot.objects.filter(as_of=as_of).first()) and found.path != seen:
        seen = found.path
        yield found


def _refuse_damaged(snapshot: FeatureSnapshot) -> None:
    if not is_whole(snapshot):
        path_of(snapshot).stat()  # one that is gone is not damaged
        raise Refused(
            _("The file of the feature snapshot of %(as_of)s does not match its checksum; compute its features again.")
            % {"as_of": snapshot.as_of}
        )


def _near(snapshot: FeatureSnapshot, customer_id: str) -> tuple[int, int]:
    """Rows among which the customer almost surely is: they stand in the order of a hash, whose values lie evenly."""
    n = snapshot.n_customers
    place, around = int(n * share_before(customer_id)), 4 * math.isqrt(n) + 100
    return max(0, place - around), place + around


def _scan(path: Path, *, rows: tuple[int, int] | None, eligible_only: bool, customer_id: str | None) -> pl.LazyFrame:
    found = pl.scan_parquet(path)
    if rows is not None:
        found = found.slice(rows[0], rows[1] - rows[0])
    if eligible_only:
        found = found.filter(pl.col("eligible"))
    return found if customer_id is None else found.filter(pl.col("customer_id") == customer_id)


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
