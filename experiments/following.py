"""What the daily job does for every experiment that is followed: end it in time, track, analyse, finalise."""

import datetime as dt
from typing import Any

from customers.commands import Advance, Refused
from experiments import analysis, outcomes, states
from experiments.each import each, followed
from experiments.models import Experiment

__all__ = ["complete_all", "follow_all"]


def follow_all(*, as_of: dt.date, advance: Advance | None = None) -> dict[str, Any]:
    """{"completed", "ripe", "new", "corrected", "analysed", "finalised", "failed"}; twice changes nothing."""
    completed, failed = complete_all(as_of=as_of)
    tracked = outcomes.track_all(as_of=as_of, advance=advance)
    analysed = analysis.analyse_all(as_of=as_of)
    failures = [*failed, *tracked.pop("failed"), *analysed.pop("failed")]
    return {"completed": completed, **tracked, **analysed, "failed": failures}


def complete_all(*, as_of: dt.date) -> tuple[list[int], list[dict[str, Any]]]:
    """Complete the experiments whose last enrolment date is past; their keys, and what failed."""
    past = followed().filter(state=Experiment.State.RUNNING, ends_on__lt=as_of)
    done, failed = each(past, lambda experiment: _complete(experiment, as_of))
    return [key for key, is_done in done.items() if is_done], failed


def _complete(experiment: Experiment, as_of: dt.date) -> bool:
    """Whether it was done here, and not by somebody else in between."""
    try:
        states.complete(experiment, user=None, on=as_of)
    except Refused:
        experiment.refresh_from_db()
        if experiment.state == Experiment.State.RUNNING:
            raise
        return False
    return True
