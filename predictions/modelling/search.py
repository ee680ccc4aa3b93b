"""A modest seeded search over LightGBM's parameters; the first trial is a sound default, the rest are drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from predictions.modelling.candidates import fit_lightgbm
from predictions.modelling.encoding import Encoding
from predictions.modelling.evaluation import log_loss
from predictions.modelling.rows import Rows
from predictions.modelling.trees import Trees

__all__ = ["Found", "Trial", "search", "trials"]

MOST_TREES = 600
SEARCH_ROWS = 60_000
VALIDATION_ROWS = 40_000


@dataclass(frozen=True)
class Trial:
    """One set of parameters; `half_life_days` weighs recent as-of dates more."""

    parameters: dict[str, Any] = field(default_factory=dict)
    half_life_days: float | None = None


@dataclass(frozen=True)
class Found:
    """The best trial, its model, its trees and its log loss on validation, and every trial's loss."""

    trial: Trial
    model: Trees
    n_trees: int
    n_rows: int
    losses: list[float]


DEFAULT = Trial(
    {
        "learning_rate": 0.03,
        "num_leaves": 15,
        "min_data_in_leaf": 100,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "cat_smooth": 50.0,
    }
)


def trials(*, count: int, seed: int) -> list[Trial]:
    """The default and `count` − 1 drawn ones; the same seed draws the same."""
    random = np.random.default_rng(seed)
    return [DEFAULT, *(_drawn(random) for _ in range(count - 1))][:count]


def search(
    *,
    rows: Rows,
    validation: Rows,
    encoding: Encoding,
    count: int,
    seed: int,
    advance: Callable[[int], None] = lambda done: None,
) -> Found:
    """Fit each trial on `rows`, stop by log loss on `validation`, and keep the best."""
    sampled, judged = rows.sample(most=SEARCH_ROWS, seed=seed), validation.sample(most=VALIDATION_ROWS, seed=seed)
    best: tuple[float, Trial, Trees, int] | None = None
    losses = []
    for done, trial in enumerate(trials(count=max(count, 1), seed=seed)):
        model, kept = fit_lightgbm(
            rows=sampled,
            encoding=encoding,
            parameters=trial.parameters,
            n_trees=MOST_TREES,
            seed=seed,
            half_life_days=trial.half_life_days,
            validation=judged,
        )
        loss = log_loss(probability=model.probability(judged.matrix), churned=judged.churned)
        losses.append(loss)
        if best is None or loss < best[0]:
            best = (loss, trial, model, kept)
        advance(done + 1)
    assert best is not None
    return Found(trial=best[1], model=best[2], n_trees=best[3], n_rows=len(sampled), losses=losses)


def _drawn(random: np.random.Generator) -> Trial:
    return Trial(
        {
            "learning_rate": float(random.choice([0.02, 0.03, 0.05])),
            "num_leaves": int(random.choice([7, 11, 15, 23])),
            "min_data_in_leaf": int(random.choice([50, 100, 200, 400])),
            "feature_fraction": float(random.choice([0.2, 0.35, 0.5, 0.7])),
            "bagging_fraction": float(random.choice([0.5, 0.7, 0.9])),
            "bagging_freq": 1,
            "lambda_l2": float(random.choice([1.0, 5.0, 20.0, 50.0])),
            "cat_smooth": float(random.choice([20.0, 50.0, 200.0])),
        },
        half_life_days=[None, None, 120.0][int(random.integers(3))],
    )
