"""The pooled two-proportion z test; its square is Pearson's chi-square without continuity correction (Pearson 1900)."""

from math import copysign, sqrt

from experiments.stats.sums import Proportion
from experiments.stats.tails import normal_two_sided

__all__ = ["has_small_expected", "is_all_alike", "pooled_z", "z_test"]


def is_all_alike(first: Proportion, second: Proportion) -> bool:
    """Nobody or everybody had the event: there is nothing to test."""
    both = first + second
    return both.events in (0, both.n)


def has_small_expected(first: Proportion, second: Proportion, *, least: int = 5) -> bool:
    """Whether an expected count of the 2 × 2 table is below `least` (Cochran 1954); in whole numbers, so 5 is 5."""
    both = first + second
    return min(first.n, second.n) * min(both.events, both.n - both.events) < least * both.n


def pooled_z(first: Proportion, second: Proportion) -> float:
    """z of the rate of the first less that of the second; ZeroDivisionError where all are alike or an arm is empty."""
    both = first + second
    cross = first.events * second.n - second.events * first.n
    square = cross * cross * both.n / (first.n * second.n * both.events * (both.n - both.events))
    return copysign(sqrt(square), cross)


def z_test(first: Proportion, second: Proportion) -> float:
    """Two-sided p of the pooled z test."""
    return normal_two_sided(pooled_z(first, second))
