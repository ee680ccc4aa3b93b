"""Where predictions keep customers' data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from customers.archive import files
from customers.personal.holdings import Holding, Subject
from predictions import snapshot_files
from predictions.models import FeatureSnapshot


class Snapshots:
    """The 88 features by date: the customer's row leaves the file, which gets a new checksum and so a new name."""

    name = "feature snapshots"
    is_files = True

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """The customer's row of each date."""
        for snapshot in FeatureSnapshot.objects.order_by("as_of"):
            path = snapshot_files.path_of(snapshot)
            if path.exists():
                for row in _of(path, subject.customer_id).collect().iter_rows(named=True):
                    yield {"as_of": snapshot.as_of, **row}

    def erase(self, subject: Subject) -> int:
        """Rows taken out of files."""
        return sum(self._rewrite(one, subject.customer_id) for one in FeatureSnapshot.objects.order_by("as_of"))

    def _rewrite(self, snapshot: FeatureSnapshot, customer_id: str) -> int:
        old = snapshot_files.path_of(snapshot)
        if not old.exists() or not (n_rows := _of(old, customer_id).select(pl.len()).collect().item()):
            return 0
        new = old.with_name(f".{old.name}.erasing.tmp")
        with files.writer(new, pl.Schema(pl.read_parquet_schema(old))) as add:
            for batch in files.batches(old, size=snapshot_files.ROW_GROUP):
                add(batch.filter(pl.col("customer_id") != customer_id))
        self._take_place(snapshot, new=new, old=old)
        return int(n_rows)

    def _take_place(self, snapshot: FeatureSnapshot, *, new: Path, old: Path) -> None:
        """The row points at the new file once it is there; broken off before, the old one is read and found again."""
        kept = pl.scan_parquet(new).select(pl.len(), pl.col("eligible").sum().alias("eligible")).collect()
        sha256 = files.checksum(new)
        final = old.with_name(f"{snapshot.as_of}-{sha256[:12]}.parquet")
        new.replace(final)
        with transaction.atomic():
            FeatureSnapshot.objects.filter(pk=snapshot.pk, sha256=snapshot.sha256).update(
                path=str(final.relative_to(settings.DATA_DIR)),
                sha256=sha256,
                n_customers=kept["len"][0],
                n_eligible=kept["eligible"][0],
            )
        old.unlink(missing_ok=True)


def _of(path: Path, customer_id: str) -> pl.LazyFrame:
    return pl.scan_parquet(path).filter(pl.col("customer_id") == customer_id)


HOLDINGS = (Holding(model="predictions.Prediction"),)
PLACES = (Snapshots(),)
