"""Which as-of dates a model learns from, is calibrated on and is tested on, and which customers it never sees."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Splits", "as_of_dates", "held_out", "split"]

HELD_OUT_PERCENT = 20


@dataclass(frozen=True)
class Splits:
    """As-of dates of the three slices, oldest first; a label of one slice closes before the next slice begins."""

    train: tuple[dt.date, ...]
    calibration: tuple[dt.date, ...]
    test: tuple[dt.date, ...]

    @property
    def all(self) -> tuple[dt.date, ...]:
        return self.train + self.calibration + self.test


def as_of_dates(
    *, as_of: dt.date, horizon_days: int, first_day: dt.date, step_days: int = 7, most: int = 60
) -> list[dt.date]:
    """Dates D_i, oldest first, `step_days` apart, the latest with D_i + horizon ≤ as_of, none before `first_day`."""
    latest = as_of - dt.timedelta(days=horizon_days)
    count = max(0, min(most, (latest - first_day).days // step_days + 1))
    return [latest - dt.timedelta(days=step_days * back) for back in reversed(range(count))]


def split(
    *, dates: Sequence[dt.date], horizon_days: int, test_share: float = 0.12, calibration_share: float = 0.2
) -> Splits:
    """Cut `dates` (rising) by time into train, calibration and test, leaving out dates whose label would overlap.

    Between the last date of a slice and the first of the next lie at least `horizon_days`, so that no label of the
    one reaches into the other (de Prado 2018, Advances in Financial Machine Learning, 7.4: purging).
    """
    rising = sorted(dates)
    test = rising[-_share_of(rising, test_share) :] if len(rising) >= 3 else []
    before = _closed_before(rising, test, horizon_days)
    calibration = before[-_share_of(rising, calibration_share) :] if len(before) >= 2 else []
    train = _closed_before(before, calibration, horizon_days)
    return Splits(train=tuple(train), calibration=tuple(calibration), test=tuple(test))


def held_out(*, customer_ids: Sequence[str], percent: int = HELD_OUT_PERCENT) -> NDArray[np.bool_]:
    """Whether each customer is kept from training and calibration; the same customer always falls the same way."""
    known = {customer: _bucket(customer) < percent for customer in set(customer_ids)}
    return np.fromiter((known[customer] for customer in customer_ids), dtype=np.bool_, count=len(customer_ids))


def _share_of(dates: Sequence[dt.date], share: float) -> int:
    return max(1, round(len(dates) * share))


def _closed_before(dates: Sequence[dt.date], later: Sequence[dt.date], horizon_days: int) -> list[dt.date]:
    if not later:
        return list(dates)
    return [date for date in dates if date + dt.timedelta(days=horizon_days) <= later[0]]


def _bucket(customer: str) -> int:
    digest = hashlib.blake2b(customer.encode(), digest_size=8, person=b"held-out").digest()
    return int.from_bytes(digest, "big") % 100
