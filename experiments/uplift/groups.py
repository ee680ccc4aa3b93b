"""Who gains most, by feature: the predicted and the observed effect of customers alike in the features that matter."""

from itertools import pairwise

import numpy as np

from experiments.uplift.document import Group
from experiments.uplift.forward import Judged
from experiments.uplift.intervals import of_mean
from experiments.uplift.trial import Flags, Vector
from predictions.modelling.encoding import Encoding

__all__ = ["groups"]

FEATURES, LABELS, PARTS, LEAST = 5, 6, 4, 20


def groups(*, judged: Judged, predicted: Vector, gain: Vector, encoding: Encoding) -> list[Group]:
    """Of the five features with most gain: quarters of a number, or its six most frequent labels, of 20 or more."""
    most = [int(at) for at in np.argsort(-gain, kind="stable")[:FEATURES] if gain[at] > 0]
    found = []
    for at in most:
        name, values = encoding.names[at], judged.trial.matrix[:, at].astype(np.float64)
        known = encoding.categories.get(name)
        parts = _numbers(name, values) if known is None else _labels(name, values, known)
        found += [_group(part, judged, predicted) for part in parts if part[-1].sum() >= LEAST]
    return found


Part = tuple[str, float | None, float | None, str | None, Flags]


def _numbers(name: str, values: Vector) -> list[Part]:
    """Quarters, fewer where values are equal, with open ends; each value by itself where there are no more."""
    shares = np.arange(1, PARTS) / PARTS
    known = values[~np.isnan(values)]
    different = np.unique(known)
    if len(different) <= PARTS:
        return [(name, None, None, f"{value:g}", values == value) for value in different.tolist()]
    inner = np.unique(np.quantile(known, shares, method="inverted_cdf")) if len(known) else np.empty(0)
    if len(inner) and inner[-1] == known.max():
        inner = inner[:-1]
    ends: list[float | None] = [None, *inner.tolist(), None]
    return [(name, low, high, None, _between(values, low, high)) for low, high in pairwise(ends)]


def _between(values: Vector, low: float | None, high: float | None) -> Flags:
    """Above `low` and up to `high`; a missing value is in no part."""
    least, most = -np.inf if low is None else low, np.inf if high is None else high
    return (values > least) & (values <= most)


def _labels(name: str, values: Vector, known: tuple[str, ...]) -> list[Part]:
    parts: list[Part] = [(name, None, None, label, values == code) for code, label in enumerate(known)]
    return sorted(parts, key=lambda part: -int(part[-1].sum()))[:LABELS]


def _group(part: Part, judged: Judged, predicted: Vector) -> Group:
    name, low, high, label, members = part
    scores = judged.scores[members]
    mean = float(predicted[members].mean())
    return Group(feature=name, low=low, high=high, label=label, n=len(scores), predicted=mean, observed=of_mean(scores))
