"""The features of a date as a file to take away: customer_id, the 88 in order, eligible, churned."""

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from customers.commands import Refused
from customers.spreadsheet import write_frame
from predictions import labels, snapshots
from predictions.features.catalogue import NAMES

Writer = Callable[[pl.DataFrame, Path], None]


def checked(path: Path) -> Path:
    """The path, if a file can be written there; Refused otherwise, before anything is computed."""
    if path.suffix.lower() not in WRITERS:
        known = " or ".join(WRITERS)
        raise Refused(_("The file %(path)s must end in %(known)s.") % {"path": path, "known": known})
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise Refused(_("The file %(path)s cannot be written: its folder is missing or not writable.") % {"path": path})
    return path


def write(*, as_of: dt.date, path: Path, horizon_days: int, today: dt.date) -> None:
    """Write the stored snapshot with its label (null while its days are not over), by customer_id, all or nothing."""
    writer = WRITERS[checked(path).suffix.lower()]
    frame = table(as_of=as_of, horizon_days=horizon_days, today=today)
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
        try:
            writer(frame, temporary)
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(
            _("The file %(path)s cannot be written: %(reason)s.") % {"path": path, "reason": reason}
        ) from error


def table(*, as_of: dt.date, horizon_days: int, today: dt.date) -> pl.DataFrame:
    """customer_id, the 88, eligible and churned as 0 or 1, by customer_id."""
    features = snapshots.read(as_of=as_of).with_columns(pl.col("eligible").cast(pl.Int64)).sort("customer_id")
    if labels.is_closed(as_of, horizon_days, today):
        known = labels.labels(as_of=as_of, horizon_days=horizon_days).select("customer_pk", "churned")
        features = features.join(known, on="customer_pk", how="left", maintain_order="left")
    else:
        features = features.with_columns(churned=pl.lit(None, dtype=pl.Boolean()))
    return features.select("customer_id", *NAMES, "eligible", pl.col("churned").cast(pl.Int64))


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    """An empty cell is null; numbers in full; a text that a spreadsheet would take for a formula gets a quote."""
    write_frame(path, frame)


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


WRITERS: Mapping[str, Writer] = {".csv": _write_csv, ".parquet": _write_parquet}
