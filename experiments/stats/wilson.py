"""The interval of one rate: Wilson's score interval without continuity correction (Wilson 1927, JASA 22)."""

from math import sqrt

from experiments.stats.sums import Proportion
from experiments.stats.tails import Interval, normal_quantile

__all__ = ["score_interval", "wilson"]


def wilson(proportion: Proportion, *, alpha: float = 0.05) -> Interval | None:
    """Both ends in [0, 1], exactly 0 where nobody and 1 where everybody had the event; None for an empty arm."""
    return score_interval(proportion, z=normal_quantile(alpha / 2)) if proportion.n else None


def score_interval(proportion: Proportion, *, z: float) -> Interval:
    """The rates that a score test at `z` does not reject; a wider z gives an interval that holds the narrower one."""
    n, events = proportion.n, proportion.events
    if 2 * events <= n:
        return _ends(n, events, z)
    low, high = _ends(n, n - events, z)
    return 1 - high, 1 - low


def _ends(n: int, events: int, z: float) -> Interval:
    # The ends are the roots of (1 + z²/n) x² − (2p + z²/n) x + p² = 0. The smaller is their product divided by the
    # larger: nothing is subtracted, so a rate of one in a million keeps all its digits.
    p, half = events / n, z * z / (2 * n)
    above = p + half + z * sqrt(p * ((n - events) / n) / n + half / (2 * n))
    return p * p / above, above / (1 + 2 * half)
