"""When an uplift model may choose whom to treat: the rule, fixed before any experiment is looked at.

For each of the two learners the Qini coefficient, and how much it is above that of treating by risk, get an interval at
the level 1 − α / 2 (Bonferroni over the learners; 97.5 % at α = 0.05). A learner
- has a *signal* if both intervals lie above 0;
- *ranks no better than risk* if only the interval of its Qini coefficient lies above 0.
The code is the best that either learner reaches, else `no_signal`; `too_few` where the folds cannot be learned from.
"""

from collections.abc import Mapping

import numpy as np

from experiments.uplift.document import Ranked
from experiments.uplift.trial import FOLDS, Trial

__all__ = ["NO_SIGNAL", "RISK_DOES", "SIGNAL", "TOO_FEW", "best", "code_of", "lacking"]

SIGNAL, RISK_DOES, NO_SIGNAL, TOO_FEW = "signal", "risk_does", "no_signal", "too_few"
LEAST_OF_ARM = 20
"""Customers of each arm in each fold, and of each outcome in each arm."""


def code_of(ranked: Ranked) -> str:
    """What one learner reaches."""
    if ranked.qini.low <= 0:
        return NO_SIGNAL
    return SIGNAL if ranked.above_risk is None or ranked.above_risk.low > 0 else RISK_DOES


def best(learners: Mapping[str, Ranked]) -> str:
    """The learner that reaches most; of equals the one with the higher lower end."""
    worth = (SIGNAL, RISK_DOES, NO_SIGNAL)
    return min(learners, key=lambda name: (worth.index(code_of(learners[name])), -learners[name].qini.low))


def lacking(trial: Trial) -> dict[str, float] | None:
    """What there is too little of, with its figures; None where there is enough to learn from."""
    arms = (trial.treated, ~trial.treated)
    least = min(int((arm & (trial.folds == fold)).sum()) for arm in arms for fold in range(FOLDS))
    if least < LEAST_OF_ARM:
        return {"n_in_fold": least, "least": LEAST_OF_ARM}
    rarest = min(_rarest(trial, arm) for arm in arms)
    return None if rarest >= LEAST_OF_ARM else {"n_rarest": rarest, "least": LEAST_OF_ARM}


def _rarest(trial: Trial, arm: np.ndarray) -> int:
    """Of how many customers of an arm the rarer outcome is; of amounts, how many differ from the commonest."""
    _values, counts = np.unique(trial.outcome[arm], return_counts=True)
    return int(counts.sum() - counts.max()) if len(counts) else 0
