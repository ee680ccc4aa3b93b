"""The day's list: whom to treat so that most is gained under a budget, and whom not to disturb."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.uplift.trial import Flags, Vector

__all__ = ["Choice", "choose"]

Places = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """`treat` and `leave` are places of customers; `arm`, `effect` and `net` are of every customer's best arm.

    `treat` is in order, the most gainful first; `leave` are those whom every arm makes worse, with evidence, `least` is
    how much the mildest of the arms does.
    """

    treat: Places
    leave: Places
    arm: Places
    effect: Vector
    net: Vector
    least: Vector


def choose(*, effect: Vector, value: Vector, cost: float, budget: float | None, harmed: Flags) -> Choice:
    """Effects (customers, arms) in shares kept, values (customers,) and one cost of a treatment in the same currency.

    `harmed` (customers, arms) marks whom an arm makes worse. Each customer gets the arm of the highest effect × value −
    cost that does no harm, and is listed if that is above 0, the highest first, as long as the budget lasts; since
    every treatment costs the same, no other list gains more. Without a value nothing is gained. None is no bound.
    """
    allowed = np.where(harmed, -np.inf, effect)
    arm = np.argmax(allowed, axis=1)
    best = allowed[np.arange(len(effect)), arm]
    leave = np.flatnonzero(np.isneginf(best))
    worth = np.nan_to_num(value, nan=0.0)
    net = np.where(np.isneginf(best), -np.inf, np.where(np.isneginf(best), 0.0, best) * worth - cost)
    ranked = np.argsort(-net, kind="stable")
    gainful = ranked[net[ranked] > 0]
    return Choice(
        treat=gainful[: _affordable(budget, cost, len(gainful))],
        leave=leave,
        arm=arm,
        effect=best,
        net=net,
        least=effect.max(axis=1),
    )


def _affordable(budget: float | None, cost: float, most: int) -> int:
    """How many treatments a budget pays for; a hair is forgiven, since 0.3 / 0.1 is below 3."""
    if budget is None or cost <= 0:
        return most
    return min(most, int(np.floor(budget / cost + 1e-9)))
