"""How sure a forecast is: the band that its own misses over the stored days leave."""

import datetime as dt

import numpy as np
from numpy.typing import NDArray

__all__ = ["band"]

CONFIDENCE = 0.95
Band = tuple[list[dt.date], list[float], list[float]]


def band(*, points: list[tuple[dt.date, float]], forecast: float, until: dt.date) -> Band:
    """Days, low and high ends from the last point to `until`, at which the straight line reaches `forecast`.

    Around the line at each number of days lies what the same slope missed by from every stored day that many days on:
    the middle 95 % of it, never narrower than for fewer days. The past that is looked at is the one that the slope was
    taken from, so that the band is rather too narrow than too wide.
    """
    last, score = points[-1]
    n_days = (until - last).days
    slope = (forecast - score) / n_days
    ordinals = np.array([day.toordinal() for day, _score in points])
    scores = np.array([one for _day, one in points])
    steps = np.arange(n_days + 1)
    ends = np.array([_misses(ordinals, scores, slope, int(step)) for step in steps])
    line = score + slope * steps
    low = np.clip(line + np.minimum.accumulate(ends[:, 0]), 0, 1)
    high = np.clip(line + np.maximum.accumulate(ends[:, 1]), 0, 1)
    return [last + dt.timedelta(days=int(step)) for step in steps], low.tolist(), high.tolist()


def _misses(ordinals: NDArray[np.int64], scores: NDArray[np.float64], slope: float, step: int) -> tuple[float, float]:
    """The ends of the middle of what the slope missed by over `step` days; at the line where no two days are so far."""
    places = np.searchsorted(ordinals, ordinals + step)
    known = places < len(ordinals)
    known[known] = ordinals[places[known]] == ordinals[known] + step
    missed = scores[places[known]] - scores[known] - slope * step
    if not missed.size:
        return 0.0, 0.0
    low, high = np.quantile(missed, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return min(float(low), 0.0), max(float(high), 0.0)
