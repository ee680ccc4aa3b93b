"""The candidates: a declaration each, what it is fitted with, and the most rows that it is given.

Every candidate ends as a text that can be stored and loaded: coefficients, or trees in LightGBM's form. scikit-learn's
trees take label codes as numbers, in code point order of the labels; LightGBM takes them as categories.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from predictions.modelling.blend import Blend, Model
from predictions.modelling.encoding import Encoding
from predictions.modelling.linear import fit_linear
from predictions.modelling.rows import Rows
from predictions.modelling.trees import Trees, from_boosting, from_forest, threads

__all__ = ["BASELINES", "Candidate", "blend", "fit_lightgbm"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """A plain candidate: name, what it is, how it is fitted, and on how many rows at most."""

    name: str
    description: str
    fit: Callable[[Rows, Encoding, int], Model]
    most_rows: int


def _count(name: str) -> Callable[[Rows, Encoding, int], Model]:
    def fit(rows: Rows, encoding: Encoding, seed: int) -> Model:
        return fit_linear(
            matrix=rows.matrix, churned=rows.churned, encoding=encoding, features=[name], kind="purchase_count"
        )

    return fit


def _logistic(rows: Rows, encoding: Encoding, seed: int) -> Model:
    return fit_linear(matrix=rows.matrix, churned=rows.churned, encoding=encoding)


def _forest(rows: Rows, encoding: Encoding, seed: int) -> Model:
    forest = RandomForestClassifier(
        n_estimators=100, min_samples_leaf=max(10, len(rows) // 2000), max_features=0.2, n_jobs=-1, random_state=seed
    )
    return from_forest(forest.fit(rows.matrix, rows.churned), n_features=len(encoding.names))


def _hist_boosting(rows: Rows, encoding: Encoding, seed: int) -> Model:
    boosting = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=15,
        min_samples_leaf=100,
        early_stopping=False,
        random_state=seed,
    )
    known = np.flatnonzero(~np.isnan(rows.matrix).all(axis=0))  # it cannot bin a column without any value
    fitted = boosting.fit(rows.matrix[:, known], rows.churned)
    return from_boosting(fitted, features=known.tolist(), n_features=len(encoding.names))


BASELINES = (
    Candidate(
        "purchase_count_20d", "Purchases of the last 20 days alone", _count("transaction_count_20d"), most_rows=200_000
    ),
    Candidate(
        "purchase_count_180d",
        "Purchases of the last 180 days alone",
        _count("lifetime_transaction_count"),
        most_rows=200_000,
    ),
    Candidate("logistic_regression", "Logistic regression on all features", _logistic, most_rows=100_000),
    Candidate("random_forest", "Random forest on all features", _forest, most_rows=25_000),
    Candidate(
        "hist_gradient_boosting", "Histogram gradient boosting on all features", _hist_boosting, most_rows=100_000
    ),
)


def fit_lightgbm(
    *,
    rows: Rows,
    encoding: Encoding,
    parameters: dict[str, Any],
    n_trees: int,
    seed: int,
    half_life_days: float | None = None,
    validation: Rows | None = None,
    patience: int = 50,
) -> tuple[Trees, int]:
    """A LightGBM model and how many trees it keeps: all, or with `validation` those of the least log loss on it."""
    data = _dataset(rows, encoding, rows.recency_weights(half_life_days=half_life_days))
    callbacks: list[Callable[..., Any]] = (
        [lgb.early_stopping(patience, verbose=False)] if validation is not None else []
    )
    valid = [_dataset(validation, encoding, None, reference=data)] if validation is not None else None
    booster = lgb.train(
        {**_fixed(seed), **parameters}, data, num_boost_round=n_trees, valid_sets=valid, callbacks=callbacks
    )
    kept = booster.best_iteration if validation is not None and booster.best_iteration > 0 else booster.num_trees()
    return Trees(_without_parameters(booster.model_to_string(num_iteration=kept)), kind="lightgbm"), kept


def blend(*members: Trees) -> Model:
    """The even mean of models in log-odds."""
    return Blend(tuple((1 / len(members), member) for member in members))


def _dataset(
    rows: Rows, encoding: Encoding, weights: Vector | None, reference: lgb.Dataset | None = None
) -> lgb.Dataset:
    return lgb.Dataset(
        rows.matrix,
        rows.churned.astype(np.float32),
        weight=weights,
        reference=reference,
        categorical_feature=encoding.label_positions,
        free_raw_data=True,
    )


def _fixed(seed: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "verbose": -1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads(),
        "max_bin": 127,
    }


def _without_parameters(text: str) -> str:
    """The model without the record of its parameters, which names the number of threads of the machine."""
    return text[: text.index("\nparameters:")] + "\n" if "\nparameters:" in text else text
