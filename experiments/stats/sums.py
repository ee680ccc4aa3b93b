"""Sufficient statistics of an arm: frozen, small, and summable, so that days, strata and machines add up to the whole.

Moments are kept about their own mean: sums of raw squares cancel where a mean is large beside its spread. Two parts are
joined by the updating formulas of Chan, Golub and LeVeque (1983, The American Statistician 37).
"""

from dataclasses import dataclass
from fractions import Fraction
from math import fsum

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moments", "Paired", "Proportion"]

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Proportion:
    """Customers with a known outcome, and those of them with a 1. Raises ValueError unless 0 ≤ events ≤ n."""

    n: int = 0
    events: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.events <= self.n:
            raise ValueError(f"events must lie between 0 and n, not {self.events} of {self.n}")

    def __add__(self, other: "Proportion") -> "Proportion":
        return Proportion(n=self.n + other.n, events=self.events + other.events)

    @property
    def rate(self) -> float:
        """Events per customer; ZeroDivisionError for an empty arm."""
        return self.events / self.n


@dataclass(frozen=True, kw_only=True)
class Moments:
    """n values: their mean, in the unit of the values, and the sum of squares about it, in its square."""

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, values: Vector) -> "Moments":
        """Of a one-dimensional array of finite numbers; the same bits whatever their order."""
        if not len(values):
            return cls()
        low, centre, apart = _centred(values)
        return cls(n=len(values), mean=low + centre, squares=_products(apart, apart))

    @classmethod
    def from_sums(cls, *, n: int, total: int, total_of_squares: int) -> "Moments":
        """Of whole numbers (cents, days), given by their exact sums as a database adds them up; nothing cancels."""
        if not n:
            return cls()
        return cls(n=n, mean=total / n, squares=float(Fraction(n * total_of_squares - total * total, n)))

    def __add__(self, other: "Moments") -> "Moments":
        if not self.n or not other.n:
            return self if self.n else other
        n, step = self.n + other.n, other.mean - self.mean
        squares = self.squares + other.squares + step * step * (self.n * other.n / n)
        return Moments(n=n, mean=self.mean + step * (other.n / n), squares=squares)

    @property
    def variance(self) -> float:
        """With n − 1 below; ZeroDivisionError for a single value."""
        return self.squares / (self.n - 1)


@dataclass(frozen=True, kw_only=True)
class Paired:
    """An amount y and a covariate x of the same customers: moments of each, sum of products about the means."""

    x: Moments = Moments()
    y: Moments = Moments()
    products: float = 0.0

    @classmethod
    def of(cls, *, x: Vector, y: Vector) -> "Paired":
        """Of two arrays of one length, the n-th of each being one customer; the same bits whatever their order."""
        if len(x) != len(y):
            raise ValueError(f"x and y differ in length: {len(x)} and {len(y)}")
        if not len(x):
            return cls()
        products = _products(_centred(x)[2], _centred(y)[2])
        return cls(x=Moments.of(x), y=Moments.of(y), products=products)

    def __add__(self, other: "Paired") -> "Paired":
        if not self.n or not other.n:
            return self if self.n else other
        steps = (other.x.mean - self.x.mean) * (other.y.mean - self.y.mean)
        products = self.products + other.products + steps * (self.n * other.n / (self.n + other.n))
        return Paired(x=self.x + other.x, y=self.y + other.y, products=products)

    @property
    def n(self) -> int:
        return self.y.n


def _centred(values: Vector) -> tuple[float, float, Vector]:
    """The least value, the mean above it, and what each value is away from the mean.

    Counting from the least value makes equal values exactly equal to their mean, so that "does not vary" is a fact and
    not a rounding error.
    """
    low = float(values.min())
    above = values - low
    centre = fsum(above.tolist()) / len(values)
    return low, centre, above - centre


def _products(left: Vector, right: Vector) -> float:
    """Sum of products of two centred arrays, less what the rounding of their means left (Chan et al. 1983)."""
    rest = fsum(left.tolist()) * fsum(right.tolist()) / len(left)
    return fsum((left * right).tolist()) - rest
