"""Each customer judged by models that learned from others: forward over the folds.

The customers of fold k are judged by models of folds 0 to k − 1; those of fold 0 only teach. Then what is found in one
fold never touches what was learned for an earlier one, the folds' statistics are a martingale, and their errors add up
as if the folds were separate experiments (Luedtke & van der Laan 2016; Wager 2024, Sequential Validation of Treatment
Heterogeneity). Judging every fold by models of all the others looks thriftier, but each two folds then share what
chance put into both: where there is nothing to find, the interval is too narrow, for a linear learner by the root of 2.
Of 400 made-up experiments without effect 14 % then lay outside an interval of 95 %; judged forward, 4 and 5.5 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.uplift.learners import LEARNERS, Settings, TLearner
from experiments.uplift.scores import scores
from experiments.uplift.trial import FOLDS, Trial, Vector

__all__ = ["RISK", "Judged", "forward"]

RISK = "risk"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The customers of all folds but the first: each one's score, and its priority by learner and by risk."""

    trial: Trial
    scores: Vector
    priorities: dict[str, Vector]


def forward(trial: Trial, *, labels: Sequence[int], settings: Settings) -> Judged:
    """Learn and judge fold by fold; `labels` are the positions of the features that are labels."""
    stages = [_stage(trial, fold, labels, settings) for fold in range(1, FOLDS)]
    rows = trial.where(trial.folds > 0)
    order = np.argsort(np.argsort(rows.folds, kind="stable"), kind="stable")
    return Judged(
        trial=rows,
        scores=np.concatenate([stage.scores for stage in stages])[order],
        priorities={
            name: np.concatenate([stage.priorities[name] for stage in stages])[order] for name in (*LEARNERS, RISK)
        },
    )


def _stage(trial: Trial, fold: int, labels: Sequence[int], settings: Settings) -> Judged:
    before, here = trial.where(trial.folds < fold), trial.where(trial.folds == fold)
    learned = {name: kind.fit(before, labels=labels, settings=settings) for name, kind in LEARNERS.items()}
    arms = learned[TLearner.name]
    assert isinstance(arms, TLearner)
    treated, without = arms.with_treatment(here.matrix), arms.without(here.matrix)
    effects = {name: learner.effect(here.matrix) for name, learner in learned.items()}
    return Judged(
        trial=here,
        scores=scores(here, with_treatment=treated, without=without),
        priorities={**effects, RISK: -without if here.risk is None else here.risk},
    )
