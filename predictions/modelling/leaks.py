"""Features that tell the outcome by themselves better than a purchase log can: the future may have leaked in."""

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.evaluation import roc_auc
from predictions.modelling.rows import Rows

__all__ = ["MOST_ALONE", "possible_leaks", "single_aucs"]

MOST_ALONE = 0.9


def single_aucs(*, rows: Rows, names: tuple[str, ...], labels: list[int]) -> dict[str, float]:
    """AUC of each feature alone, whichever way round; a label scores the churn rate of the other rows that have it."""
    return {
        name: _alone(rows.matrix[:, position], rows.churned, position in labels) for position, name in enumerate(names)
    }


def possible_leaks(aucs: dict[str, float], *, most: float = MOST_ALONE) -> list[str]:
    """Names of the features above the bound, largest first."""
    return sorted((name for name, auc in aucs.items() if auc > most), key=lambda name: -aucs[name])


def _alone(values: NDArray[np.float32], churned: NDArray[np.bool_], is_label: bool) -> float:
    known = ~np.isnan(values)
    if is_label:
        score = _rates(np.where(known, values, -1).astype(np.int64), churned)
        return roc_auc(score=score, churned=churned) or 0.5
    both = [_with_missing_at(values, known, extreme) for extreme in (-np.inf, np.inf)] if not known.all() else [values]
    found = [roc_auc(score=score.astype(np.float64), churned=churned) or 0.5 for score in both]
    return max(max(auc, 1 - auc) for auc in found)


def _with_missing_at(values: NDArray[np.float32], known: NDArray[np.bool_], extreme: float) -> NDArray[np.float32]:
    return np.where(known, values, np.float32(np.sign(extreme) * 3e38))


def _rates(codes: NDArray[np.int64], churned: NDArray[np.bool_]) -> NDArray[np.float64]:
    _, places = np.unique(codes, return_inverse=True)
    sums = np.bincount(places, churned.astype(np.float64))
    own = churned.astype(np.float64)
    return np.asarray((sums[places] - own + 5 * own.mean()) / (np.bincount(places)[places] + 4))
