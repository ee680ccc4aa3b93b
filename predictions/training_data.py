"""The rows to train on: eligible customers at many as-of dates whose labels closed before the training's own date.

Rows whose customer was treated in the days of the label are left out everywhere, in learning, calibration and test:
what is predicted is churn without a measure, and their labels tell of churn with one.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from django.db.models import Min
from django.utils.translation import gettext as _

from customers.churn import WINDOW_DAYS
from customers.clock import business_zone
from customers.commands import Advance
from customers.models import ArchiveFile, Interaction, Transaction
from predictions import labels, snapshots
from predictions.features.catalogue import FEATURES, LABELS
from predictions.modelling.encoding import Encoding
from predictions.modelling.rows import Rows
from predictions.modelling.splits import as_of_dates, held_out
from predictions.treated import treated_labels

__all__ = ["Collected", "collect"]

STEP_DAYS = 7
MOST_DATES = 60
MOST_ROWS = 1_000_000
NAMES = tuple(feature.name for feature in FEATURES)


@dataclass(frozen=True)
class Collected:
    """Features, `customer_pk`, `customer_id`, `day` (ordinal), `churned` and `is_held_out`, by date and customer.

    `n_treated` counts the rows that were left out because the customer was treated.
    """

    frame: pl.DataFrame
    dates: tuple[dt.date, ...]
    n_treated: int = 0

    def rows(self, encoding: Encoding, chosen: pl.Expr) -> Rows:
        """The chosen rows, encoded."""
        frame = self.frame.filter(chosen)
        return Rows(
            matrix=encoding.matrix(frame),
            churned=frame["churned"].to_numpy().astype(np.bool_),
            customers=frame["customer_pk"].to_numpy().astype(np.int64),
            days=frame["day"].to_numpy().astype(np.int32),
        )


def collect(*, as_of: dt.date, horizon_days: int, advance: Advance) -> Collected:
    """Rows of every usable date, at most a million: of a larger shop fewer customers a date, drawn by their key."""
    first = _first_day()
    dates = (
        as_of_dates(
            as_of=as_of,
            horizon_days=horizon_days,
            first_day=first + dt.timedelta(days=WINDOW_DAYS),
            step_days=STEP_DAYS,
            most=MOST_DATES,
        )
        if first
        else []
    )
    found = list(_labelled(dates, horizon_days, advance))
    frame = pl.concat(frame for frame, _n_treated in found) if found else _empty()
    used = tuple(date for date in dates if date.toordinal() in set(frame["day"].unique().to_list()))
    return Collected(frame=frame.rechunk(), dates=used, n_treated=sum(n_treated for _frame, n_treated in found))


def _labelled(dates: Sequence[dt.date], horizon_days: int, advance: Advance) -> Iterator[tuple[pl.DataFrame, int]]:
    """Of each date the untreated rows, and the number of treated ones."""
    for done, (date, features) in enumerate(snapshots.features_at(as_of_dates=list(dates), advance=advance), start=1):
        churned = labels.labels(as_of=date, horizon_days=horizon_days).select("customer_pk", "churned")
        eligible = _thinned(features.filter(pl.col("eligible")), date, most=MOST_ROWS // len(dates))
        frame = eligible.join(churned, on="customer_pk", how="inner", maintain_order="left")
        known = frame.drop_nulls("churned")
        treated = treated_labels(as_of=date, horizon_days=horizon_days)
        untreated = known.filter(~pl.col("customer_pk").is_in(treated.implode())) if len(treated) else known
        yield _narrow(untreated, date), known.height - untreated.height
        advance(_("Training data"), done, len(dates))


def _thinned(frame: pl.DataFrame, date: dt.date, *, most: int) -> pl.DataFrame:
    if frame.height <= most:
        return frame
    return frame.sample(n=most, seed=date.toordinal(), with_replacement=False).sort("customer_pk")


def _narrow(frame: pl.DataFrame, date: dt.date) -> pl.DataFrame:
    """float32 numbers: as exact as the model's own bins, and half the memory."""
    numbers = [pl.col(name).cast(pl.Float32) for name in NAMES if name not in LABELS]
    words = [pl.col(name).cast(pl.Categorical) for name in NAMES if name in LABELS]
    return frame.sort("customer_pk").select(
        "customer_pk",
        "customer_id",
        pl.lit(date.toordinal(), dtype=pl.Int32).alias("day"),
        pl.col("churned").cast(pl.Boolean),
        pl.Series("is_held_out", held_out(customer_ids=frame.sort("customer_pk")["customer_id"].to_list()), pl.Boolean),
        *numbers,
        *words,
    )


def _empty() -> pl.DataFrame:
    schema = {"customer_pk": pl.Int64, "customer_id": pl.String, "day": pl.Int32, "churned": pl.Boolean}
    features = {name: pl.Categorical if name in LABELS else pl.Float32 for name in NAMES}
    return pl.DataFrame(schema={**schema, "is_held_out": pl.Boolean, **features})


def _first_day() -> dt.date | None:
    """The earliest local day with a fact, in the database or the archive."""
    found = [model.objects.aggregate(first=Min("occurred_at"))["first"] for model in (Transaction, Interaction)]
    days = [moment.astimezone(business_zone()).date() for moment in found if moment]
    archived = ArchiveFile.objects.filter(kind__in=("transactions", "interactions")).aggregate(first=Min("month"))
    return min([*days, *([archived["first"]] if archived["first"] else [])], default=None)
