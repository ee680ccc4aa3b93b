"""Made-up experiments in which the effect of every customer is known."""

from collections.abc import Callable

import numpy as np

from experiments.uplift.learners import Settings
from experiments.uplift.study import Options
from experiments.uplift.trial import Trial, Vector, folds_of
from predictions.modelling.encoding import Encoding

ENCODING = Encoding(names=("a", "b", "c", "d"), categories={"d": ("north", "south", "west")})
QUICK = Options(replicates=50, settings=Settings(n_trees=8, learning_rate=0.3))

Rule = Callable[[Vector, Vector], Vector]


def nothing(a: Vector, _b: Vector) -> Vector:
    return np.zeros_like(a)


def constant(a: Vector, _b: Vector) -> Vector:
    return np.full_like(a, 0.2)


def by_a(a: Vector, _b: Vector) -> Vector:
    """Helps where a is above 0, by 0.4; does nothing elsewhere."""
    return np.where(a > 0, 0.4, 0.0)


def harms_some(a: Vector, _b: Vector) -> Vector:
    """Helps where a is above 0 and harms elsewhere."""
    return np.where(a > 0, 0.35, -0.35)


def trial(*, n: int, effect: Rule, seed: int, propensity: float = 0.5, risk: str = "none") -> Trial:
    """Customers who stay with a chance of 0.3 to 0.6 by feature b, plus their effect if treated.

    `risk`: "b" orders by the true chance of leaving, "a" by the very feature that the effect hangs on.
    """
    random = np.random.default_rng(seed)
    a, b, c = (random.normal(size=n) for _ in range(3))
    stays = 0.45 + 0.15 * np.tanh(b)
    treated = random.random(n) < propensity
    outcome = (random.random(n) < np.clip(stays + effect(a, b) * treated, 0, 1)).astype(np.float64)
    matrix = np.column_stack([a, b, c, random.integers(0, 3, n)]).astype(np.float32)
    return Trial(
        matrix=matrix,
        outcome=outcome,
        treated=treated,
        folds=folds_of([f"C{number}" for number in range(n)]),
        propensity=propensity,
        risk={"none": None, "a": a, "b": -stays}[risk],
    )
