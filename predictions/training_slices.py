"""A training's rows by use: learning, calibration, test; a fifth of the customers is in the test only."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from predictions.features.catalogue import LABELS
from predictions.modelling.encoding import Encoding
from predictions.modelling.examination import thinned
from predictions.modelling.remarks import Remark, remark
from predictions.modelling.rows import Rows
from predictions.modelling.splits import Splits, split
from predictions.training_data import NAMES, Collected

__all__ = ["SLICES", "Slices", "cut"]

LEAST_OF_EACH = {"train": 50, "calibration": 20, "test": 1}
SLICES = tuple(LEAST_OF_EACH)


@dataclass(frozen=True)
class Slices:
    """Encoded rows of the three slices; test rows are of seen and unseen customers."""

    splits: Splits
    encoding: Encoding
    train: Rows
    calibration: Rows
    test: Rows
    is_seen: np.ndarray
    test_frame: pl.DataFrame

    @property
    def lacking(self) -> Remark | None:
        """Which slice is too small to learn from; None when none is."""
        for name, least in LEAST_OF_EACH.items():
            rows: Rows = getattr(self, name)
            if min(rows.n_churned, rows.n_retained) < least:
                return remark(f"few_in_{name}", n_churned=rows.n_churned, n_retained=rows.n_retained)
        return None

    def document(self) -> dict[str, Any]:
        """As-of dates and rows, in all and by slice."""
        sizes = {name: len(getattr(self, name)) for name in SLICES}
        return {
            "as_of_dates": [date.isoformat() for date in self.splits.all],
            "rows": sum(sizes.values()),
            "rows_by_slice": sizes,
            "splits": {name: [date.isoformat() for date in getattr(self.splits, name)] for name in SLICES},
        }


def cut(*, collected: Collected, horizon_days: int, seed: int) -> Slices:
    """The collected rows by slice; labels and categories are learned from training and calibration rows alone."""
    splits = split(dates=collected.dates, horizon_days=horizon_days)
    learned = _on((*splits.train, *splits.calibration)) & ~pl.col("is_held_out")
    encoding = Encoding.fit(collected.frame.filter(learned), names=NAMES, labels=sorted(LABELS))
    known = collected.rows(encoding, learned)
    test_frame = collected.frame.filter(_on(splits.test))
    whole = collected.rows(encoding, _on(splits.test))
    test = thinned(whole, seed=seed)
    return Slices(
        splits=splits,
        encoding=encoding,
        train=known.where(known.on(_ordinals(splits.train))),
        calibration=known.where(known.on(_ordinals(splits.calibration))),
        test=test,
        is_seen=np.isin(test.customers, np.unique(known.customers)),
        test_frame=test_frame.filter(pl.Series(np.isin(whole.customers, np.unique(test.customers)))),
    )


def _on(dates: Sequence[dt.date]) -> pl.Expr:
    return pl.col("day").is_in(sorted(_ordinals(dates)))


def _ordinals(dates: Sequence[dt.date]) -> set[int]:
    return {date.toordinal() for date in dates}
