"""The contest: every candidate is fitted on the same rows, calibrated and compared on rows that it did not learn from.

The choice reads the calibration slice only, by log loss after calibration over folds of customers. Test weeks are for
the report alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.modelling import calibration
from predictions.modelling.blend import Blend, Model
from predictions.modelling.calibration import Calibration
from predictions.modelling.candidates import BASELINES, fit_lightgbm
from predictions.modelling.encoding import Encoding
from predictions.modelling.linear import Linear
from predictions.modelling.rows import Rows
from predictions.modelling.search import Found, search
from predictions.modelling.trees import Trees

__all__ = ["Entry", "best", "best_threshold", "enter_all"]

Vector = NDArray[np.float64]
LIGHTGBM_WEIGHT = (0.5, 0.7)
MOST_ROWS = 300_000


@dataclass(frozen=True)
class Entry:
    """A fitted candidate with its calibration, threshold and log loss on the calibration slice."""

    name: str
    model: Model
    calibration: Calibration
    loss: float
    threshold: float
    n_rows: int
    parameters: dict[str, Any] = field(default_factory=dict)

    def probability(self, rows: Rows) -> Vector:
        """Calibrated, rounded to the six decimals that are stored."""
        calibrated = self.calibration.apply(self.model.probability(rows.matrix))
        return np.asarray(np.round(np.clip(calibrated, 0, 1), 6), dtype=np.float64)


def enter_all(
    *,
    train: Rows,
    validation: Rows,
    encoding: Encoding,
    trials: int,
    seed: int,
    advance: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> list[Entry]:
    """Every candidate: the plain ones, LightGBM after its search, and its blends with logistic regression."""
    entries = []
    for done, candidate in enumerate(BASELINES):
        advance(candidate.name, done, len(BASELINES) + 1)
        rows = train.sample(most=candidate.most_rows, seed=seed)
        model = candidate.fit(rows, encoding, seed)
        entries.append(_entry(candidate.name, model, validation, len(rows), {}))
    found = search(rows=train, validation=validation, encoding=encoding, count=trials, seed=seed)
    advance("lightgbm", len(BASELINES), len(BASELINES) + 1)
    entries.append(_boosted(found, train, validation, encoding, seed))
    return entries + _blends(entries, validation)


def best(entries: list[Entry]) -> Entry:
    """The entry with the least log loss on the calibration slice."""
    return min(entries, key=lambda entry: entry.loss)


def best_threshold(*, probability: Vector, churned: NDArray[np.bool_]) -> float:
    """The probability from which calling a customer churned is right most often."""
    grid = np.round(np.arange(0.05, 0.96, 0.01), 2)
    right = [float(((probability >= threshold) == churned).mean()) for threshold in grid]
    tied = grid[np.isclose(right, max(right))]
    return float(tied[np.abs(tied - 0.5).argmin()])


def _boosted(found: Found, train: Rows, validation: Rows, encoding: Encoding, seed: int) -> Entry:
    """The best trial's model; grown again on up to 300,000 rows where the search had a sample of them."""
    model = found.model
    train = train.sample(most=MOST_ROWS, seed=seed)
    if found.n_rows < len(train):
        model, _kept = fit_lightgbm(
            rows=train,
            encoding=encoding,
            parameters=found.trial.parameters,
            n_trees=found.n_trees,
            seed=seed,
            half_life_days=found.trial.half_life_days,
        )
    parameters = {
        **found.trial.parameters,
        "half_life_days": found.trial.half_life_days,
        "n_trees": found.n_trees,
        "trial_losses": found.losses,
    }
    return _entry("lightgbm", model, validation, len(train), parameters)


def _blends(entries: list[Entry], validation: Rows) -> list[Entry]:
    by_name = {entry.name: entry for entry in entries}
    boosted, linear = by_name["lightgbm"], by_name["logistic_regression"]
    assert isinstance(boosted.model, Trees)
    assert isinstance(linear.model, Linear)
    made = [
        _entry(
            "blend",
            Blend(((weight, boosted.model), (1 - weight, linear.model))),
            validation,
            boosted.n_rows,
            {"lightgbm_weight": weight, **boosted.parameters},
        )
        for weight in LIGHTGBM_WEIGHT
    ]
    return [min(made, key=lambda entry: entry.loss)]


def _entry(name: str, model: Model, validation: Rows, n_rows: int, parameters: dict[str, Any]) -> Entry:
    raw = model.probability(validation.matrix)
    chosen, losses = calibration.choose(probability=raw, churned=validation.churned, customers=validation.customers)
    threshold = best_threshold(probability=chosen.apply(raw), churned=validation.churned)
    told = {**parameters, "calibration": chosen.method, "calibration_losses": losses}
    return Entry(name, model, chosen, losses[chosen.method], threshold, n_rows, told)
