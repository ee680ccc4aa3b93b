"""How sure a forecast is: the band that the interval of its slope leaves."""

import datetime as dt

import numpy as np

__all__ = ["band"]

CONFIDENCE = 0.95
Band = tuple[list[dt.date], list[float], list[float]]


def band(*, points: list[tuple[dt.date, float]], until: dt.date) -> Band:
    """Days, low and high ends from the last point to `until`, within 0 to 1.

    The interval of the Theil–Sen slope by ranks (Sen 1968, Estimates of the regression coefficient based on Kendall's
    tau, eq. 2.6); it takes the scores' deviations from the line as independent, which neighbouring days are not quite.
    """
    from scipy import stats  # only pages with a forecast need it

    last, score = points[-1]
    days = np.array([day.toordinal() for day, _score in points], dtype=float)
    slopes = stats.theilslopes([one for _day, one in points], days, alpha=CONFIDENCE)
    ahead = [last + dt.timedelta(days=n) for n in range((until - last).days + 1)]
    steps = np.arange(len(ahead))
    low, high = (np.clip(score + slope * steps, 0, 1).tolist() for slope in (slopes.low_slope, slopes.high_slope))
    return ahead, low, high
