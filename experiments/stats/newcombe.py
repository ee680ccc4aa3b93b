"""The interval of a difference of two rates: the hybrid score interval (Newcombe 1998, Stat. Med. 17, method 10)."""

from math import hypot

from experiments.stats.sums import Proportion
from experiments.stats.tails import Interval, normal_quantile
from experiments.stats.wilson import score_interval

__all__ = ["difference", "hybrid_score_interval", "newcombe"]


def difference(first: Proportion, second: Proportion) -> float:
    """Rate of the first less that of the second, from whole numbers: exactly 0 where the rates are equal."""
    return (first.events * second.n - second.events * first.n) / (first.n * second.n)


def newcombe(first: Proportion, second: Proportion, *, alpha: float = 0.05) -> Interval | None:
    """Of the rate of the first less that of the second, within [−1, 1]; None where either is empty."""
    if not first.n or not second.n:
        return None
    return hybrid_score_interval(first, second, z=normal_quantile(alpha / 2))


def hybrid_score_interval(first: Proportion, second: Proportion, *, z: float) -> Interval:
    """Newcombe's interval at any critical value; a wider z gives an interval that holds the narrower one."""
    low_1, high_1 = score_interval(first, z=z)
    low_2, high_2 = score_interval(second, z=z)
    point, p_1, p_2 = difference(first, second), first.rate, second.rate
    return point - hypot(p_1 - low_1, high_2 - p_2), point + hypot(high_1 - p_1, p_2 - low_2)
