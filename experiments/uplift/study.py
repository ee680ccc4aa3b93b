"""The study of one arm and one outcome: learn, judge, decide, and keep the model of everybody."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from experiments.uplift.document import Decile, Estimate, Question, Ranked
from experiments.uplift.forward import RISK, Judged, forward
from experiments.uplift.groups import groups
from experiments.uplift.harm import harm
from experiments.uplift.intervals import from_draws, half_width, of_mean
from experiments.uplift.learners import LEARNERS, Learner, Settings
from experiments.uplift.optimum import optimum
from experiments.uplift.qini import GRID, Order, Resampled, replicates
from experiments.uplift.trial import Trial, Vector
from experiments.uplift.verdict import TOO_FEW, best, code_of, lacking
from predictions.modelling.encoding import Encoding

__all__ = ["Options", "Study", "study"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """`alpha` is that of the verdict; `replicates` how often customers are drawn again for the intervals."""

    alpha: float = 0.05
    replicates: int = 400
    settings: Settings = field(default_factory=Settings)
    seed: int = 0

    @property
    def level(self) -> float:
        """Of the intervals of the verdict, for as many learners as are tried."""
        return 1 - self.alpha / len(LEARNERS)


@dataclass(frozen=True)
class Study:
    """What was found, and the model learned from everybody; no model where there was too little."""

    question: Question
    model: Learner | None


def study(trial: Trial, *, name: str, encoding: Encoding, options: Options | None = None) -> Study:
    """Answer the question `name` for the customers of `trial`."""
    chosen = options or Options()
    missing = lacking(trial)
    blank = Question(
        name=name,
        is_share=trial.is_binary,
        code=TOO_FEW,
        n_treated=int(trial.treated.sum()),
        n_control=int((~trial.treated).sum()),
        figures=missing or {},
    )
    if missing:
        return Study(blank, None)
    judged = forward(trial, labels=encoding.label_positions, settings=chosen.settings)
    return _answered(blank, trial, judged, encoding, chosen)


def _answered(blank: Question, trial: Trial, judged: Judged, encoding: Encoding, options: Options) -> Study:
    folds = judged.trial.folds
    orders = {
        key: Order(priority=priority, scores=judged.scores, folds=folds) for key, priority in judged.priorities.items()
    }
    drawn = replicates(orders, folds=folds, n=options.replicates, seed=options.seed)
    largest = optimum(trial)
    ranked = {key: _ranked(key, orders, drawn, largest, options.level) for key in orders}
    learner = best({key: one for key, one in ranked.items() if key != RISK})
    model = LEARNERS[learner].fit(trial, labels=encoding.label_positions, settings=options.settings)
    found, predicted = ranked[learner], judged.priorities[learner]
    question = replace(
        blank,
        code=code_of(found),
        figures={"qini": found.qini.value, "qini_low": found.qini.low, "qini_high": found.qini.high},
        level=options.level,
        learner=learner,
        n_judged=len(judged.trial),
        effect=of_mean(judged.scores),
        optimum=largest,
        grid=GRID.tolist(),
        ranked=ranked,
        deciles=_deciles(predicted, judged.scores, folds),
        importance=_importance(model, encoding),
        groups=groups(judged=judged, predicted=predicted, gain=model.gain(), encoding=encoding),
        harm=harm(
            gain=np.asarray(found.gain),
            drawn=drawn.curves[learner],
            effects=model.effect(trial.matrix),
            alpha=options.alpha,
        ),
    )
    return Study(question, model)


def _ranked(key: str, orders: dict[str, Order], drawn: Resampled, largest: float, level: float) -> Ranked:
    area, gain = orders[key].measured()
    half = half_width(error=1.0, level=0.95) * drawn.curves[key].std(axis=0, ddof=1)
    return Ranked(
        qini=from_draws(area / largest, drawn.areas[key] / largest, level=level),
        above_risk=None if key == RISK else _above_risk(key, area, orders, drawn, largest, level),
        gain=gain.tolist(),
        gain_low=(gain - half).tolist(),
        gain_high=(gain + half).tolist(),
    )


def _above_risk(
    key: str, area: float, orders: dict[str, Order], drawn: Resampled, largest: float, level: float
) -> Estimate:
    """Paired: both orders on the same drawn customers."""
    above = area - orders[RISK].measured()[0]
    return from_draws(above / largest, (drawn.areas[key] - drawn.areas[RISK]) / largest, level=level)


def _deciles(predicted: Vector, scores: Vector, folds: NDArray[np.int64]) -> list[Decile]:
    """Tenths of each fold together, so that every tenth holds customers of every fold."""
    tenth = np.empty(len(predicted), dtype=np.int64)
    for fold in np.unique(folds):
        members = np.flatnonzero(folds == fold)
        ranked = members[np.argsort(-predicted[members], kind="stable")]
        tenth[ranked] = np.arange(len(ranked)) * 10 // len(ranked)
    return [
        Decile(predicted=float(predicted[tenth == one].mean()), observed=of_mean(scores[tenth == one]))
        for one in range(10)
    ]


def _importance(model: Learner, encoding: Encoding) -> dict[str, float]:
    """Each feature's share of the gain of all splits, the largest first; those that no split uses are left out."""
    gain = model.gain()
    shares = gain / (gain.sum() or 1.0)
    ranked = sorted(zip(encoding.names, shares.tolist(), strict=True), key=lambda pair: -pair[1])
    return {name: share for name, share in ranked if share > 0}
