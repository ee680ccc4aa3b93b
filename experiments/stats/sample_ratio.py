"""Sample ratio mismatch: whether the arms are as large as their shares say (Fabijan et al. 2019, KDD)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from experiments.stats.tails import chi_square_tail

__all__ = ["FLAG_BELOW", "SampleRatio", "sample_ratio"]

FLAG_BELOW = 0.001


@dataclass(frozen=True)
class SampleRatio:
    """p of the chi-square test, and whether it is so small that no effect may be read from the table."""

    p_value: float
    is_flagged: bool


def sample_ratio(*, enrolled: Sequence[int], shares: Sequence[float]) -> SampleRatio:
    """Pearson's chi-square of the enrolled customers of each arm, outcome known or not, against the shares.

    Shares are divided by their sum. Raises ValueError unless there is one share above 0 for each of two arms or more,
    and anybody enrolled.
    """
    if len(enrolled) != len(shares) or len(shares) < 2 or min(shares) <= 0 or not sum(enrolled):
        raise ValueError("each of two or more arms needs a share above 0, and somebody must be enrolled")
    total, whole = sum(enrolled), fsum(shares)
    expected = [total * (share / whole) for share in shares]
    statistic = fsum((seen - hoped) ** 2 / hoped for seen, hoped in zip(enrolled, expected, strict=True))
    p_value = chi_square_tail(statistic, df=len(shares) - 1)
    return SampleRatio(p_value, p_value < FLAG_BELOW)
