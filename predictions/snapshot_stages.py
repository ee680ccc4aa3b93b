"""The snapshot of a date in stages that workers share: the slices of its rows, then the parts of its customers.

`begin` gives the slices that any worker can read, `join` the parts that any worker can compute, `finish` stores the
snapshot. Each stage does what nobody did before it, and what is done stays done: so tasks may be lost, come late, or
come twice. What they share is a spool that a symbolic link finds by the date. Where two runs begin one date, the later
spool takes the place of the earlier, and the tasks of both work on it.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from predictions import snapshots
from predictions.models import FeatureSnapshot
from predictions.snapshot_files import store
from predictions.spool import Spool, history
from predictions.timings import Clock


def begin(as_of: dt.date, parts: int | None = None) -> list[int]:
    """Lay out a spool for the rows of `as_of`; returns the numbers of its slices."""
    clock = Clock()
    spool = Spool.plan(since=history(as_of), until=as_of, parts=parts)
    clock.save(spool.folder)
    _point_at(spool, as_of)
    return spool.slices


def read_slice(as_of: dt.date, number: int) -> None:
    """Read one slice; nothing to do where it is done or the snapshot is stored already."""
    with _begun(as_of) as spool:
        if spool and number in spool.slices:
            spool.read(number)


def join(as_of: dt.date) -> list[int]:
    """What the parts need of each other, once all rows are read; returns the numbers of the parts."""
    with _begun(as_of) as spool:
        if spool:
            _join(spool, as_of)
            return spool.parts
    return []


def compute_part(as_of: dt.date, part: int) -> None:
    """Compute one part of what was read; nothing to do where it is done or the snapshot is stored already."""
    with _begun(as_of) as spool:
        if spool and spool.is_prepared() and part in spool.parts:
            spool.compute_result(as_of=as_of, part=part)


def finish(as_of: dt.date) -> FeatureSnapshot:
    """Store the snapshot from its parts, computing those that nobody did."""
    with _begun(as_of) as spool:
        if spool:
            return _finish(spool, as_of)
    return snapshots.ensure(as_of=as_of)


def _join(spool: Spool, as_of: dt.date) -> None:
    if spool.is_prepared():
        return
    for number in spool.slices:
        spool.read(number)
    clock = Clock.load(spool.folder)
    spool.prepare(as_of=as_of)
    clock.mark("reading")
    clock.save(spool.folder)


def _finish(spool: Spool, as_of: dt.date) -> FeatureSnapshot:
    _join(spool, as_of)
    for part in spool.parts:
        spool.compute_result(as_of=as_of, part=part)
    clock = Clock.load(spool.folder)
    clock.mark("features")
    snapshot = store(spool=spool, as_of=as_of, catalogue_version=snapshots.catalogue_version(), clock=clock)
    _let_go(spool, as_of)
    return snapshot


@contextmanager
def _begun(as_of: dt.date) -> Iterator[Spool | None]:
    """The date's spool, if there is one. That another run takes it away meanwhile is no error: it has done the work."""
    spool = _pointed(as_of)
    try:
        yield spool
    except FileNotFoundError:
        if spool is None or spool.is_there():
            raise


def _pointer(as_of: dt.date) -> Path:
    return Path(settings.DATA_DIR) / "spool" / f"{as_of}.current"


def _pointed(as_of: dt.date) -> Spool | None:
    with suppress(FileNotFoundError):
        spool = _spool_at(_pointer(as_of))
        return spool if spool.is_there() else None
    return None


def _spool_at(pointer: Path) -> Spool:
    return Spool(pointer.parent / pointer.readlink())


def _point_at(spool: Spool, as_of: dt.date) -> None:
    """Make the spool the date's; the one before it, of a run that broke off or is overtaken, goes."""
    while True:
        with suppress(FileExistsError):
            _pointer(as_of).symlink_to(spool.folder.name)
            return
        if before := _taken(as_of):
            before.remove()


def _taken(as_of: dt.date) -> Spool | None:
    """Take the pointer away, which of several processes one alone can; returns the spool that it named."""
    mine = _pointer(as_of).with_name(f"gone-{uuid.uuid4().hex}.current")
    try:
        _pointer(as_of).rename(mine)
    except FileNotFoundError:
        return None
    spool = _spool_at(mine)
    mine.unlink()
    return spool


def _let_go(spool: Spool, as_of: dt.date) -> None:
    """Remove a spool that has served; a pointer that names another by now stays, or is put back."""
    is_mine = _pointed(as_of) == spool
    spool.remove()
    other = _taken(as_of) if is_mine else None
    if other not in (None, spool):
        _point_at(other, as_of)
