"""Whom treatment makes worse: the end of the order, if the experiment itself shows harm there."""

import numpy as np

from experiments.uplift.document import Harm
from experiments.uplift.intervals import from_draws
from experiments.uplift.qini import GRID
from experiments.uplift.trial import Vector

__all__ = ["harm"]

SHARES = (0.5, 0.4, 0.3, 0.2, 0.1, 0.05)


def harm(*, gain: Vector, drawn: Vector, effects: Vector, alpha: float) -> Harm | None:
    """The largest of the tried shares in which the observed effect lies below 0 with its whole interval; None if none.

    `gain` is the curve on the grid, `drawn` its bootstrap (replicates, grid), `effects` what the model of everybody
    predicts for the experiment's customers. α is divided among all shares that are tried (Bonferroni).
    """
    for share in SHARES:
        at = int(np.argmin(np.abs(GRID - (1 - share))))
        observed = from_draws(
            (gain[-1] - gain[at]) / share, (drawn[:, -1] - drawn[:, at]) / share, level=1 - alpha / len(SHARES)
        )
        if observed.high < 0:
            return Harm(share=share, observed=observed, threshold=min(0.0, float(np.quantile(effects, share))))
    return None
