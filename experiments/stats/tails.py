"""Exact quantiles and tail probabilities; a small tail is computed as a tail, never as one minus the rest."""

from scipy import special

__all__ = ["Interval", "chi_square_tail", "normal_quantile", "normal_two_sided", "t_quantile", "t_two_sided"]

Interval = tuple[float, float]


def normal_quantile(tail: float) -> float:
    """The z above which `tail` of the standard normal lies: 1.959964 for 0.025."""
    return -float(special.ndtri(tail))


def normal_two_sided(z: float) -> float:
    """P(|Z| ≥ |z|); 0 only below what a double can hold, from |z| = 38 on."""
    return min(1.0, 2 * float(special.ndtr(-abs(z))))


def t_quantile(tail: float, *, df: float) -> float:
    """The t above which `tail` of Student's distribution with `df` degrees of freedom, whole or not, lies."""
    return -float(special.stdtrit(df, tail))


def t_two_sided(t: float, *, df: float) -> float:
    return min(1.0, 2 * float(special.stdtr(df, -abs(t))))


def chi_square_tail(statistic: float, *, df: int) -> float:
    return float(special.chdtrc(df, statistic))
