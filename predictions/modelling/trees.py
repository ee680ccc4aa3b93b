"""Trees as LightGBM's text: one form to store, load and explain, whichever library grew them.

scikit-learn's forests and histogram boosting are written in the same form (LightGBM 4, src/io/tree.cpp): an inner
node sends `x <= threshold` left and a missing value to the side that it learned.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.encoding import Matrix

if TYPE_CHECKING:
    from lightgbm import Booster

__all__ = ["Node", "Trees", "from_boosting", "from_forest", "threads"]

Vector = NDArray[np.float64]
IMPORTED_IN = os.getpid()
MISSING_IS_NAN, MISSING_GOES_LEFT = 8, 2


def threads() -> int:
    """All cores, but one in a forked child: OpenMP's threads do not survive a fork, and waiting for them hangs."""
    return 0 if os.getpid() == IMPORTED_IN else 1


@dataclass(frozen=True)
class Trees:
    """A sum of trees in LightGBM's text; `is_log_odds` says whether the sum is log-odds or a probability."""

    text: str
    kind: str
    is_log_odds: bool = True

    @cached_property
    def booster(self) -> "Booster":
        from lightgbm import Booster  # it takes a second to come, and pages do without

        return Booster(model_str=self.text)

    def raw(self, matrix: Matrix) -> Vector:
        return np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=threads()), dtype=np.float64)

    def log_odds(self, matrix: Matrix) -> Vector:
        if self.is_log_odds:
            return self.raw(matrix)
        inside = np.clip(self.raw(matrix), 1e-6, 1 - 1e-6)
        return np.log(inside / (1 - inside))

    def probability(self, matrix: Matrix) -> Vector:
        """Probability of churn for each row."""
        return 1 / (1 + np.exp(-self.raw(matrix))) if self.is_log_odds else np.clip(self.raw(matrix), 0, 1)

    def contributions(self, matrix: Matrix) -> Vector:
        """(rows, features + 1): exact Shapley values (Lundberg 2020, TreeSHAP); the last column is the mean."""
        return np.asarray(self.booster.predict(matrix, pred_contrib=True, num_threads=threads()), dtype=np.float64)

    def gain(self) -> Vector:
        """Sum of the gains of each feature's splits."""
        return np.asarray(self.booster.feature_importance("gain"), dtype=np.float64)


@dataclass(frozen=True)
class Node:
    """A node of a tree: `left` < 0 for a leaf."""

    feature: int
    threshold: float
    left: int
    right: int
    missing_left: bool
    value: float
    count: int
    gain: float = 0.0


def from_forest(forest: Any, *, n_features: int, kind: str = "random_forest") -> Trees:
    """A fitted scikit-learn RandomForestClassifier of two classes, as trees whose sum is the probability."""
    share = 1 / len(forest.estimators_)
    trees = [_forest_tree(estimator.tree_, share) for estimator in forest.estimators_]
    return Trees(text=_text(trees, n_features=n_features, objective=None), kind=kind, is_log_odds=False)


def from_boosting(
    boosting: Any, *, features: Sequence[int], n_features: int, kind: str = "hist_gradient_boosting"
) -> Trees:
    """A fitted scikit-learn HistGradientBoostingClassifier of two classes without categorical splits.

    `features` are the positions, among all `n_features`, of the columns that it was fitted on.
    """
    trees = [_boosting_tree(predictor.nodes, features) for (predictor,) in boosting._predictors]
    start = float(boosting._baseline_prediction.ravel()[0])
    constant = [Node(0, 0.0, -1, -1, False, start, trees[0][0].count if trees else 1)]
    return Trees(text=_text([constant, *trees], n_features=n_features, objective="binary sigmoid:1"), kind=kind)


def _forest_tree(tree: Any, share: float) -> list[Node]:
    distribution = tree.value[:, 0, :]
    churned = distribution[:, 1] / distribution.sum(axis=1)
    lefts = tree.missing_go_to_left
    return [
        Node(
            feature=int(tree.feature[at]),
            threshold=float(tree.threshold[at]),
            left=int(tree.children_left[at]),
            right=int(tree.children_right[at]),
            missing_left=bool(lefts[at]),
            value=float(churned[at]) * share,
            count=int(tree.n_node_samples[at]),
        )
        for at in range(tree.node_count)
    ]


def _boosting_tree(nodes: NDArray[Any], features: Sequence[int]) -> list[Node]:
    return [
        Node(
            feature=features[int(node["feature_idx"])],
            threshold=float(node["num_threshold"]),
            left=-1 if node["is_leaf"] else int(node["left"]),
            right=-1 if node["is_leaf"] else int(node["right"]),
            missing_left=bool(node["missing_go_to_left"]),
            value=float(node["value"]),
            count=int(node["count"]),
            gain=float(node["gain"]),
        )
        for node in nodes
    ]


def _text(trees: Sequence[Sequence[Node]], *, n_features: int, objective: str | None) -> str:
    names = " ".join(f"Column_{position}" for position in range(n_features))
    infos = " ".join(["[-inf:inf]"] * n_features)
    head = ["tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0"]
    head += [f"max_feature_idx={n_features - 1}", *([f"objective={objective}"] if objective else [])]
    head += [f"feature_names={names}", f"feature_infos={infos}", "", ""]
    return "\n".join(head) + "".join(_tree_text(at, nodes) for at, nodes in enumerate(trees)) + "end of trees\n"


def _tree_text(number: int, nodes: Sequence[Node]) -> str:
    inner = [at for at, node in enumerate(nodes) if node.left >= 0]
    leaves = [at for at, node in enumerate(nodes) if node.left < 0]
    places = {at: place for place, at in enumerate(inner)} | {at: ~place for place, at in enumerate(leaves)}
    splits, ends = [nodes[at] for at in inner], [nodes[at] for at in leaves]
    means = _means(nodes)
    lines = [f"Tree={number}", f"num_leaves={len(leaves)}", "num_cat=0"]
    if splits:
        lines += [
            _line("split_feature", [node.feature for node in splits]),
            _line("split_gain", [max(node.gain, 0.0) for node in splits]),
            _line("threshold", [node.threshold for node in splits]),
            _line("decision_type", [MISSING_IS_NAN + MISSING_GOES_LEFT * node.missing_left for node in splits]),
            _line("left_child", [places[node.left] for node in splits]),
            _line("right_child", [places[node.right] for node in splits]),
        ]
    lines += [_line("leaf_value", [node.value for node in ends])]
    if splits:
        lines += [
            _line("leaf_weight", [float(node.count) for node in ends]),
            _line("leaf_count", [node.count for node in ends]),
            _line("internal_value", [means[at] for at in inner]),
            _line("internal_weight", [float(node.count) for node in splits]),
            _line("internal_count", [node.count for node in splits]),
        ]
    return "\n".join([*lines, "is_linear=0", "shrinkage=1", "", "", ""])


def _means(nodes: Sequence[Node]) -> dict[int, float]:
    """Mean leaf value below each node, weighted by rows; children come after their parent in the list."""
    means: dict[int, float] = {}
    for at in reversed(range(len(nodes))):
        node = nodes[at]
        if node.left < 0:
            means[at] = node.value
        else:
            left, right = nodes[node.left].count, nodes[node.right].count
            means[at] = (means[node.left] * left + means[node.right] * right) / max(left + right, 1)
    return means


def _line(name: str, values: Sequence[float]) -> str:
    return f"{name}=" + " ".join(format(value, ".17g") if isinstance(value, float) else str(value) for value in values)
