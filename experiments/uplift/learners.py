"""The two learners of effects: one model an arm, and one model of the transformed outcome. Both are LightGBM.

Their settings are fixed here, before any experiment is seen, and never searched: a search would need its own untouched
customers, which experiments seldom have to spare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from experiments.uplift.trial import Trial, Vector
from predictions.modelling.encoding import Matrix
from predictions.modelling.trees import Trees, threads

__all__ = ["LEARNERS", "Learner", "Settings", "TLearner", "TransformedOutcome"]


WORTH_SHARING = 5_000_000
"""Values in a matrix from which threads gain more than waiting for each other costs."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How LightGBM grows its trees; a leaf holds at least `leaf_share` of the rows, within bounds."""

    n_trees: int = 100
    learning_rate: float = 0.05
    num_leaves: int = 7
    leaf_share: float = 0.02
    least_leaf: int = 20
    most_leaf: int = 500
    feature_fraction: float = 0.7
    lambda_l2: float = 10.0
    seed: int = 0

    def parameters(self, n_rows: int, n_features: int) -> dict[str, Any]:
        leaf = int(min(max(n_rows * self.leaf_share, self.least_leaf), self.most_leaf))
        return {
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": leaf,
            "feature_fraction": self.feature_fraction,
            "lambda_l2": self.lambda_l2,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": _threads(n_rows, n_features),
            "verbosity": -1,
        }


class Learner(Protocol):
    """What every learned model of effects can do; effects are above 0 where treatment is good."""

    name: ClassVar[str]

    @classmethod
    def fit(cls, trial: Trial, *, labels: Sequence[int], settings: Settings) -> "Learner": ...

    def effect(self, matrix: Matrix) -> Vector: ...

    def gain(self) -> Vector: ...

    def files(self) -> dict[str, str]: ...

    @classmethod
    def from_files(cls, files: Mapping[str, str]) -> "Learner": ...


@dataclass(frozen=True, kw_only=True)
class TLearner:
    """Two models, one of the treated and one of the control group; the effect is their difference (Künzel 2019)."""

    name: ClassVar[str] = "t_learner"
    treated: Trees
    control: Trees

    @classmethod
    def fit(cls, trial: Trial, *, labels: Sequence[int], settings: Settings) -> "TLearner":
        arms = (trial.where(trial.treated), trial.where(~trial.treated))
        objective = "binary" if trial.is_binary else "regression"
        grown = [_grown(arm.matrix, arm.outcome, objective, labels, settings) for arm in arms]
        return cls(treated=grown[0], control=grown[1])

    def effect(self, matrix: Matrix) -> Vector:
        return self.with_treatment(matrix) - self.without(matrix)

    def with_treatment(self, matrix: Matrix) -> Vector:
        """The outcome expected if treated."""
        return _expected(self.treated, matrix)

    def without(self, matrix: Matrix) -> Vector:
        """The outcome expected if left alone."""
        return _expected(self.control, matrix)

    def gain(self) -> Vector:
        return _shares(self.treated.gain()) + _shares(self.control.gain())

    def files(self) -> dict[str, str]:
        return {"treated.txt": self.treated.text, "control.txt": self.control.text}

    @classmethod
    def from_files(cls, files: Mapping[str, str]) -> "TLearner":
        return cls(treated=_trees(files["treated.txt"]), control=_trees(files["control.txt"]))


@dataclass(frozen=True, kw_only=True)
class TransformedOutcome:
    """One model of Y* = (Y − c)(W − e) / (e(1 − e)), whose mean given the features is the effect.

    Athey & Imbens 2015 (Machine Learning Methods for Estimating Heterogeneous Causal Effects), with c = 0. Any constant
    c leaves that mean as it is; c = (1 − e) · mean of the treated + e · mean of the control group varies least.
    """

    name: ClassVar[str] = "transformed_outcome"
    trees: Trees

    @classmethod
    def fit(cls, trial: Trial, *, labels: Sequence[int], settings: Settings) -> "TransformedOutcome":
        return cls(trees=_grown(trial.matrix, transformed(trial), "regression", labels, settings))

    def effect(self, matrix: Matrix) -> Vector:
        return _expected(self.trees, matrix)

    def gain(self) -> Vector:
        return self.trees.gain()

    def files(self) -> dict[str, str]:
        return {"effect.txt": self.trees.text}

    @classmethod
    def from_files(cls, files: Mapping[str, str]) -> "TransformedOutcome":
        return cls(trees=_trees(files["effect.txt"]))


LEARNERS: dict[str, type[TLearner] | type[TransformedOutcome]] = {
    learner.name: learner for learner in (TLearner, TransformedOutcome)
}


def transformed(trial: Trial) -> Vector:
    """The transformed outcome of each customer."""
    e = trial.propensity
    centre = (1 - e) * trial.outcome[trial.treated].mean() + e * trial.outcome[~trial.treated].mean()
    weight = (trial.treated - e) / (e * (1 - e))
    return np.asarray((trial.outcome - centre) * weight, dtype=np.float64)


def _grown(matrix: Matrix, target: Vector, objective: str, labels: Sequence[int], settings: Settings) -> Trees:
    import lightgbm as lgb  # it takes a second to come, and pages do without

    rows = lgb.Dataset(matrix, target, categorical_feature=list(labels), free_raw_data=True)
    parameters = {"objective": objective, **settings.parameters(*matrix.shape)}
    booster = lgb.train(parameters, rows, num_boost_round=settings.n_trees)
    return _trees(booster.model_to_string().split("\nparameters:", 1)[0] + "\n")


def _trees(text: str) -> Trees:
    return Trees(text, kind="lightgbm", is_log_odds="objective=binary" in text)


def _expected(trees: Trees, matrix: Matrix) -> Vector:
    """The mean outcome that the trees expect: a share of 0 to 1, or an amount."""
    found = trees.booster.predict(matrix, num_threads=_threads(*matrix.shape))
    return np.asarray(found, dtype=np.float64)


def _threads(n_rows: int, n_features: int) -> int:
    return threads() if n_rows * n_features > WORTH_SHARING else 1


def _shares(gain: Vector) -> Vector:
    return np.asarray(gain / (gain.sum() or 1.0), dtype=np.float64)
