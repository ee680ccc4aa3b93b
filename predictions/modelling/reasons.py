"""Why a probability is what it is: the features that push most up and down, each with a sentence in two languages."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.wording import sentence, topic

__all__ = ["main_reason", "reasons"]

MOST_UP, MOST_DOWN = 3, 2
LEAST_PUSH = 1e-6


def reasons(
    *, rows: Sequence[Mapping[str, Any]], contributions: NDArray[np.float64], names: Sequence[str]
) -> list[list[dict[str, Any]]]:
    """For each row up to three features that raise the risk and two that lower it, strongest first.

    Features of one topic say the same in other words (days since the last purchase, recency score): only the one with
    the strongest push speaks for its topic. Contributions are in the model's units, before calibration.
    """
    return [_of_row(row, shares, names) for row, shares in zip(rows, contributions, strict=True)]


def main_reason(told: Sequence[Mapping[str, Any]]) -> str | None:
    """The feature that raises the risk most among a row's `reasons`; None where nothing raises it."""
    return next((one["feature"] for one in told if one["contribution"] > 0), None)


def _of_row(row: Mapping[str, Any], shares: NDArray[np.float64], names: Sequence[str]) -> list[dict[str, Any]]:
    order = np.argsort(-np.abs(shares[: len(names)]), kind="stable")
    chosen: list[dict[str, Any]] = []
    topics: set[str] = set()
    room = {True: MOST_UP, False: MOST_DOWN}
    for position in order:
        name, push = names[position], float(shares[position])
        if abs(push) < LEAST_PUSH or not any(room.values()):
            break
        if topic(name) in topics or not room[push > 0]:
            continue
        topics.add(topic(name))
        room[push > 0] -= 1
        chosen.append(
            {
                "feature": name,
                "value": _plain(row.get(name)),
                "contribution": round(push, 4),
                "sentence": sentence(name=name, row=row),
            }
        )
    return chosen


def _plain(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
