"""What the features do: groups that say the same, what the model leans on, what changes over dates, what could go."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from predictions.modelling.blend import Blend, Model
from predictions.modelling.evaluation import roc_auc
from predictions.modelling.linear import Linear
from predictions.modelling.remarks import Remark, remark
from predictions.modelling.rows import Rows
from predictions.modelling.stability import compare, profile
from predictions.modelling.trees import Trees

__all__ = ["Analysis", "analyse", "gains"]

SAME = 0.9
MOST_ROWS = 5_000


@dataclass(frozen=True)
class Analysis:
    """By feature: AUC alone, share of gain, AUC lost when permuted, PSI over dates; groups; what could go."""

    single_auc: dict[str, float]
    gain: dict[str, float]
    permutation: dict[str, float]
    stability: dict[str, float]
    groups: list[list[str]]
    drops: list[dict[str, str | Remark]]

    def document(self) -> dict[str, Any]:
        return asdict(self)


def analyse(
    *, model: Model, rows: Rows, names: Sequence[str], labels: Sequence[int], single: dict[str, float], seed: int
) -> Analysis:
    """Over a sample of rows that chose the model (never of the test weeks)."""
    sampled = rows.sample(most=MOST_ROWS, seed=seed)
    gain = gains(model=model, names=names)
    permutation = _permutation(model, sampled, names, seed)
    stability = _stability(rows, names, set(labels))
    groups = _groups(sampled, names)
    drops = _drops(sampled, names, groups, gain, permutation)
    return Analysis(single, gain, permutation, stability, groups, drops)


def gains(*, model: Model, names: Sequence[str]) -> dict[str, float]:
    """Each feature's share of what the model gains by splits, or of absolute coefficients; they sum to 1."""
    total = _gain(model, len(names))
    return {name: float(share) for name, share in zip(names, total / max(total.sum(), 1e-12), strict=True)}


def _gain(model: Model, n_features: int) -> NDArray[np.float64]:
    if isinstance(model, Trees):
        return model.gain()
    if isinstance(model, Blend):
        shares = [(weight, _gain(member, n_features)) for weight, member in model.members]
        return np.asarray(np.sum([weight * gain / max(gain.sum(), 1e-12) for weight, gain in shares], axis=0))
    total = np.zeros(n_features)
    if isinstance(model, Linear):
        for column in model.columns:
            total[column.feature] += abs(column.coefficient)
    return total


def _permutation(model: Model, rows: Rows, names: Sequence[str], seed: int) -> dict[str, float]:
    """AUC lost when a feature's values are dealt out at random (Breiman 2001)."""
    whole = roc_auc(score=model.log_odds(rows.matrix), churned=rows.churned)
    if whole is None:
        return dict.fromkeys(names, 0.0)
    random = np.random.default_rng(seed)
    lost = {}
    for position, name in enumerate(names):
        shuffled = rows.matrix.copy()
        shuffled[:, position] = random.permutation(shuffled[:, position])
        lost[name] = whole - (roc_auc(score=model.log_odds(shuffled), churned=rows.churned) or 0.5)
    return lost


def _stability(rows: Rows, names: Sequence[str], labels: set[int]) -> dict[str, float]:
    """PSI of the later half of the dates against the earlier half."""
    days = np.unique(rows.days)
    is_early = rows.days <= days[(len(days) - 1) // 2]
    if len(days) < 2:
        return dict.fromkeys(names, 0.0)
    found = {}
    for position, name in enumerate(names):
        early, late = rows.matrix[is_early, position], rows.matrix[~is_early, position]
        codes = int(np.nanmax(rows.matrix[:, position], initial=0)) + 1 if position in labels else 0
        reference = profile(values=early, n_units=len(early), n_codes=codes)
        found[name] = compare(reference=reference, values=late).psi
    return found


def _ranks(rows: Rows) -> NDArray[np.float64]:
    """Spearman: ranks of each column, missing values at the middle."""
    return np.column_stack([_column_ranks(rows.matrix[:, position]) for position in range(rows.matrix.shape[1])])


def _column_ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    known = values[~np.isnan(values)]
    middle = np.median(known) if len(known) else 0.0
    return np.asarray(rankdata(np.where(np.isnan(values), middle, values)))


def _groups(rows: Rows, names: Sequence[str]) -> list[list[str]]:
    """Features whose ranks all correlate at 0.9 or more with one another (complete linkage); singles are left out."""
    ranks = _ranks(rows)
    varies = [position for position in range(len(names)) if ranks[:, position].std() > 0]
    if len(varies) < 2:
        return []
    distance = 1 - np.abs(np.corrcoef(ranks[:, varies], rowvar=False))
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(np.clip(distance, 0, 2), checks=False), method="complete")
    clusters = fcluster(tree, t=1 - SAME, criterion="distance")
    members = [[names[varies[at]] for at in np.flatnonzero(clusters == cluster)] for cluster in np.unique(clusters)]
    return [group for group in members if len(group) > 1]


def _drops(
    rows: Rows, names: Sequence[str], groups: list[list[str]], gain: dict[str, float], permutation: dict[str, float]
) -> list[dict[str, str | Remark]]:
    constant = {name for at, name in enumerate(names) if len(np.unique(rows.matrix[:, at], equal_nan=True)) < 2}
    drops = [_drop(name, remark("constant")) for name in names if name in constant]
    for group in groups:
        best = max(group, key=lambda name: gain[name])
        same = remark("same_as", feature=best)
        drops += [_drop(name, same) for name in group if name != best and gain[name] < 0.01]
    told = {drop["feature"] for drop in drops}
    unused = [name for name in names if name not in told and gain[name] == 0 and permutation[name] <= 0]
    return drops + [_drop(name, remark("unused")) for name in unused]


def _drop(name: str, reason: Remark) -> dict[str, str | Remark]:
    return {"feature": name, "reason": reason}
