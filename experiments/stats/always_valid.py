"""The always-valid test of a difference of two rates: a sequential probability ratio test with a normal mixture.

Looking every day and stopping at the first p below 0.05 keeps the chance of a false alarm below 0.05, over all looks
together (Robbins 1970, Annals of Mathematical Statistics 41; Johari, Koomen, Pekelis & Walsh 2022, Operations Research
70; for estimated variances Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, Annals of Statistics 52).

The mixture's variance is τ² = ρ² σ², σ² being the variance of one customer's outcome, so that τ² over the variance of
the difference is r = ρ² m with m = n₁n₀/(n₁ + n₀), whatever the rates. ρ must not depend on what was seen: it is set
so that the interval is tightest at `tuned_for` customers in each of two equal arms, 1,000 unless the plan says
otherwise. That costs little elsewhere: docs/experiment-statistics.md has the figures.
"""

from dataclasses import dataclass
from math import exp, log, log1p, sqrt

from experiments.stats.newcombe import hybrid_score_interval
from experiments.stats.pooled_z import has_small_expected, is_all_alike, pooled_z
from experiments.stats.reasons import Reason
from experiments.stats.sums import Proportion
from experiments.stats.tails import Interval

__all__ = ["TUNED_FOR", "AlwaysValid", "always_valid", "critical_z", "mixture_p"]

TUNED_FOR = 1000


@dataclass(frozen=True)
class AlwaysValid:
    """One look: p never below the fixed-horizon one, interval holding the fixed-horizon one; or None and why."""

    p_value: float | None
    interval: Interval | None
    reason: Reason | None = None


def always_valid(
    first: Proportion, second: Proportion, *, alpha: float = 0.05, tuned_for: int = TUNED_FOR
) -> AlwaysValid:
    """Of the rate of the first less that of the second.

    The interval is Newcombe's at the critical value of the mixture instead of the normal quantile: it stays in [−1, 1]
    and is right at a rate of 0, where one of estimated standard errors would have no width. Tables that need Fisher's
    exact test have none: such a look is left out, which keeps the guarantee over the other looks.
    """
    if not first.n or not second.n:
        return AlwaysValid(None, None, Reason.EMPTY_ARM)
    if is_all_alike(first, second):
        return AlwaysValid(None, None, Reason.ALL_ALIKE)
    if has_small_expected(first, second):
        return AlwaysValid(None, None, Reason.FEW_FOR_SEQUENTIAL)
    ratio = _ratio(first, second, alpha=alpha, tuned_for=tuned_for)
    interval = hybrid_score_interval(first, second, z=critical_z(ratio=ratio, alpha=alpha))
    return AlwaysValid(mixture_p(z=pooled_z(first, second), ratio=ratio), interval)


def mixture_p(*, z: float, ratio: float) -> float:
    """1 over the likelihood ratio of the mixture against no difference, at most 1 (Johari et al. 2022).

    `ratio` is τ² over the variance of the difference. For |z| ≤ 1 it is 1; beyond, it is at least
    1.6487 |z| exp(−z²/2), which is above the two-sided tail 0.7979 exp(−z²/2) / |z|: so it is never below the
    fixed-horizon p.
    """
    return min(1.0, sqrt(1 + ratio) * exp(-z * z / 2 * (ratio / (1 + ratio))))


def critical_z(*, ratio: float, alpha: float = 0.05) -> float:
    """The |z| at which `mixture_p` is alpha."""
    return sqrt((1 + 1 / ratio) * (log1p(ratio) - 2 * log(alpha)))


def _ratio(first: Proportion, second: Proportion, *, alpha: float, tuned_for: int) -> float:
    size = first.n * second.n / (first.n + second.n)
    return _tightest_ratio(alpha) * size / (tuned_for / 2)


def _tightest_ratio(alpha: float) -> float:
    """Where `critical_z` is least: the fixed point of r = log(1 + r) − 2 log(alpha), 8.2 for 0.05."""
    ratio = -2 * log(alpha)
    for _ in range(60):
        ratio = log1p(ratio) - 2 * log(alpha)
    return ratio
