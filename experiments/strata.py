"""Stratified enrolment: each stratum's customers of a date, in the order of u, cut to the shares."""

import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from django.db.models import Count

from experiments.assignment import cut, draw, seats
from experiments.entrants import Entrant, entrants
from experiments.models import Arm, Assignment, Experiment

__all__ = ["Split"]


class Split:
    """Where each customer of a date goes, settled for the whole date before the first is written.

    It keeps 21 bytes a customer. The remainders of earlier dates are carried on, by those who are in the stratum.
    """

    def __init__(self, experiment: Experiment, *, as_of: dt.date, arms: Sequence[Arm]) -> None:
        self._customers, us, codes, names = _read(entrants(experiment, as_of=as_of))
        self._arms = np.empty(len(us), dtype=np.int8)
        already = _already(experiment, arms)
        for name, where in _members(codes, names):
            has = already[name]
            luck = draw(experiment.salt, f"seats:{name}:{sum(has)}")
            given = seats(len(where), shares=[arm.share for arm in arms], already=has, luck=luck)
            self._arms[where] = cut(us[where], given)

    def __call__(self, people: Sequence[Entrant]) -> list[int | None]:
        """The position of each one's arm; None of who was not there when the date was settled."""
        wanted = np.array([one.customer for one in people], dtype=np.int64)
        at = np.searchsorted(self._customers, wanted)
        is_known = np.append(self._customers, -1)[at] == wanted
        arms = np.append(self._arms, 0)[at]
        return [int(arm) if known else None for arm, known in zip(arms, is_known, strict=True)]


def _read(batches: Iterator[list[Entrant]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Keys, draws, the numbers of the strata, and the strata by number."""
    keys, us, codes, numbers = array("q"), array("d"), array("i"), dict[str, int]()
    for batch in batches:
        for one in batch:
            keys.append(one.customer)
            us.append(one.u)
            codes.append(numbers.setdefault(one.stratum, len(numbers)))
    return np.asarray(keys), np.asarray(us), np.asarray(codes), list(numbers)


def _members(codes: np.ndarray, names: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Each stratum with the places of its customers."""
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    for number, name in enumerate(names):
        yield name, order[ends[number - 1] if number else 0 : ends[number]]


def _already(experiment: Experiment, arms: Sequence[Arm]) -> dict[str, list[int]]:
    """How many are in each arm, by stratum."""
    place = {arm.pk: number for number, arm in enumerate(arms)}
    found: dict[str, list[int]] = defaultdict(lambda: [0] * len(arms))
    rows = Assignment.objects.filter(experiment=experiment).order_by().values_list("stratum", "arm")
    for stratum, arm, n in rows.annotate(n=Count("pk")):
        found[stratum][place[arm]] = n
    return found
