"""What leaves of the predictions: their rows by month, and the files of feature snapshots, one a date."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from customers import archive
from customers.archive import Archivable, Column, files
from customers.commands import Advance, Refused
from customers.models import ArchiveFile
from customers.sentences import gettext as _
from predictions.models import FeatureSnapshot, Prediction


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


PREDICTIONS = Archivable(
    kind="predictions",
    rows=Prediction.objects.all,
    columns={
        "customer_id": Column(source="customer__customer_id", dtype=pl.String()),
        "as_of": Column(source="as_of", dtype=pl.Date()),
        "model": Column(source="model__version", dtype=pl.String()),
        "probability": Column(source="probability", dtype=pl.Float64(), convert=float),
        "risk_level": Column(source="risk_level", dtype=pl.String()),
        "lifecycle_stage": Column(source="lifecycle_stage", dtype=pl.String()),
        "reasons": Column(source="reasons", dtype=pl.String(), convert=_json),
        "churned": Column(source="churned", dtype=pl.Boolean()),
    },
    key=("customer_id", "as_of"),
    time="as_of",
    retention_days=lambda: settings.PREDICTION_RETENTION_DAYS,
)


@dataclass(frozen=True, kw_only=True)
class SnapshotFiles:
    """Snapshots past their retention: the file moves as it is, under its date, and leaves the list of snapshots.

    An `ArchiveFile` stands for it with the snapshot's date in `month`. Its D can be computed again at any time.
    """

    kind: str = "features"

    def cutoff(self, *, as_of: dt.date) -> dt.date:
        return as_of - dt.timedelta(days=settings.RETENTION_DAYS)

    def purge(self, *, as_of: dt.date, dry_run: bool, advance: Advance) -> dict[str, int]:
        moved: dict[str, int] = {}
        for snapshot in self._expired(as_of):
            if not dry_run:
                _move(snapshot, kind=self.kind)
            month = f"{snapshot.as_of:%Y-%m}"
            moved[month] = moved.get(month, 0) + snapshot.n_customers
        return moved

    def _expired(self, as_of: dt.date) -> Iterator[FeatureSnapshot]:
        yield from FeatureSnapshot.objects.filter(as_of__lt=self.cutoff(as_of=as_of)).order_by("as_of")


def _move(snapshot: FeatureSnapshot, *, kind: str) -> None:
    old = Path(settings.DATA_DIR) / snapshot.path
    path = files.folder(kind) / f"{snapshot.as_of}.parquet"
    if not old.exists() or files.checksum(old) != snapshot.sha256:
        raise Refused(
            _("The snapshot of {as_of} is missing or does not match its checksum; compute it again.").format(
                as_of=snapshot.as_of
            )
        )
    new = path.with_suffix(".tmp")
    shutil.copyfile(old, new)
    if files.checksum(new) != snapshot.sha256:
        raise Refused(_("The copy of {path} differs from it; nothing was deleted.").format(path=old))
    new.replace(path)
    facts = {
        "path": str(path.relative_to(settings.DATA_DIR)),
        "n_rows": snapshot.n_customers,
        "sha256": snapshot.sha256,
    }
    with transaction.atomic():
        ArchiveFile.objects.update_or_create(kind=kind, month=snapshot.as_of, defaults=facts)
        snapshot.delete()
    old.unlink(missing_ok=True)


def declare() -> None:
    """Let the archive move these too; called when the app is ready."""
    archive.register(PREDICTIONS)
    archive.register(SnapshotFiles())
