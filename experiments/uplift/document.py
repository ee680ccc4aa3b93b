"""What a study says, as it is kept: numbers, lists and codes; the sentences are made in the reader's language."""

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Decile", "Estimate", "Group", "Harm", "Question", "Ranked"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """How good an order is: `qini` from −1 to 1, `above_risk` how much better than treating by risk (paired).

    `gain` is the curve G on the grid with its 95 % band, in the unit of the outcome per customer.
    """

    qini: Estimate
    above_risk: Estimate | None
    gain: list[float]
    gain_low: list[float]
    gain_high: list[float]


@dataclass(frozen=True, kw_only=True)
class Decile:
    """A tenth of the customers by predicted effect, the highest first; the observed effect with its 95 % interval."""

    predicted: float
    observed: Estimate


@dataclass(frozen=True, kw_only=True)
class Group:
    """Customers alike in a feature: from `low` to `high` of a number, or of one `label`; None is an open end."""

    feature: str
    low: float | None
    high: float | None
    label: str | None
    n: int
    predicted: float
    observed: Estimate


@dataclass(frozen=True, kw_only=True)
class Harm:
    """The last `share` of the order, whom treatment made worse: the observed effect with its interval below 0.

    A customer whose predicted effect is below 0 and not above `threshold` is not to be disturbed.
    """

    share: float
    observed: Estimate
    threshold: float


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was found of one arm and one outcome.

    `is_share` says that the outcome is one of two, so that effects are shares of customers; else they are amounts.
    `code` is the verdict (see experiments.uplift.verdict), `figures` what its sentence names, `learner` the one that
    the curves, tenths and groups are of; the rest is None where there was too little to learn from.
    """

    name: str
    is_share: bool
    code: str
    n_treated: int
    n_control: int
    figures: dict[str, float]
    level: float | None = None
    learner: str | None = None
    n_judged: int | None = None
    effect: Estimate | None = None
    optimum: float | None = None
    grid: list[float] | None = None
    ranked: dict[str, Ranked] | None = None
    deciles: list[Decile] | None = None
    importance: dict[str, float] | None = None
    groups: list[Group] | None = None
    harm: Harm | None = None

    def document(self) -> dict[str, Any]:
        return asdict(self)
