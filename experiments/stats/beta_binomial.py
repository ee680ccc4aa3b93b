"""Two rates with Beta(1, 1) priors: the chance that the arm is better, and what choosing it loses if it is not.

The posterior of a rate is Beta(1 + events, 1 + n − events) (Gelman et al. 2013, Bayesian Data Analysis, ch. 2). Both
figures are one integral of a smooth, single-peaked, positive function, by Gauss–Legendre quadrature on panels no wider
than half a standard deviation near either posterior: no draws, no subtraction, and small tails keep their digits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.stats.reasons import Reason
from experiments.stats.sums import Proportion

__all__ = ["Belief", "belief"]

Vector = NDArray[np.float64]
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_STEPS = np.r_[np.linspace(0, 12, 25), np.geomspace(14, 1e9, 60)]


@dataclass(frozen=True)
class Belief:
    """`probability_better` in [0, 1]; `expected_loss` in units of the rate; None for an empty arm."""

    probability_better: float | None
    expected_loss: float | None
    reason: Reason | None = None


def belief(*, control: Proportion, arm: Proportion, is_event_good: bool) -> Belief:
    """Of the arm against this control alone."""
    if not control.n or not arm.n:
        return Belief(None, None, Reason.EMPTY_ARM)
    low, high = (control, arm) if is_event_good else (arm, control)
    points, weights = _grid(control, arm)
    better = _chance_of_order(low, high, points, weights)
    worse = control if is_event_good else arm
    other = arm if is_event_good else control
    # E[max(0, W − B)] = ∫ P(B ≤ x) P(W > x) dx: no difference of large numbers.
    loss = float(weights @ (_below(other, points) * _above(worse, points)))
    return Belief(better, loss)


def _chance_of_order(low: Proportion, high: Proportion, points: Vector, weights: Vector) -> float:
    """P(rate of `low` < rate of `high`); the density is divided by its own sum, so its constant is never needed."""
    density = weights * _density(low, points)
    return min(1.0, float(density @ _above(high, points)) / float(density.sum()))


def _density(proportion: Proportion, points: Vector) -> Vector:
    """Of the posterior, as a multiple of its peak."""
    n, events = proportion.n, proportion.events
    peak = events / n
    log_density = np.zeros_like(points)
    if events:
        log_density += events * np.log1p((points - peak) / peak)
    if events < n:
        log_density += (n - events) * np.log1p((peak - points) / ((n - events) / n))
    return np.exp(log_density)


def _below(proportion: Proportion, points: Vector) -> Vector:
    found: Vector = special.betainc(1 + proportion.events, 1 + proportion.n - proportion.events, points)
    return found


def _above(proportion: Proportion, points: Vector) -> Vector:
    found: Vector = special.betaincc(1 + proportion.events, 1 + proportion.n - proportion.events, points)
    return found


def _grid(first: Proportion, second: Proportion) -> tuple[Vector, Vector]:
    """Points in (0, 1) and their weights, dense where either posterior has its mass."""
    edges = np.unique(np.clip(np.r_[0.0, 1.0, _edges(first), _edges(second)], 0, 1))
    half = np.diff(edges) / 2
    points = edges[:-1, None] + half[:, None] * (1 + _NODES)
    return points.ravel(), (half[:, None] * _WEIGHTS).ravel()


def _edges(proportion: Proportion) -> Vector:
    a, b = 1 + proportion.events, 1 + proportion.n - proportion.events
    mean, spread = a / (a + b), (a * b / ((a + b) ** 2 * (a + b + 1))) ** 0.5
    edges: Vector = np.r_[mean - spread * _STEPS, mean + spread * _STEPS]
    return edges
