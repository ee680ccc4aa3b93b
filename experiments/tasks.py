"""Experiments as tasks: each takes ids and dates, and is safe to run twice or at the same time."""

import datetime as dt
from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError

from customers.clock import business_date
from customers.commands import Refused
from customers.jobs import Working, background
from customers.sentences import gettext as _
from experiments.models import Experiment

__all__ = ["analyse", "enrol", "finalise", "learn_uplift", "track"]

RETRYING: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError, ConnectionError, TimeoutError),
    "retry_backoff": 1,
    "retry_backoff_max": 300,
    "max_retries": 5,
    "acks_late": True,
}


@shared_task(**RETRYING)
def track(as_of: str | None = None) -> dict[str, Any]:
    """Outcomes and analyses of every experiment that is followed, of a date, by default today."""
    from experiments import following

    return following.follow_all(as_of=_date(as_of))


@background("experiments.enrol")
def enrol(job: Working, *, experiment: int, as_of: str | None = None) -> dict[str, Any]:
    """Enrol who is eligible by the scores of a date, by default the last one that was scored; {"n_new", "as_of"}."""
    from experiments import enrolment

    day = dt.date.fromisoformat(as_of) if as_of else enrolment.last_scored()
    done = enrolment.enrol(_experiment(experiment), as_of=day, advance=job.advance)
    return {"n_new": done.n_new, "as_of": day.isoformat()}


@background("experiments.analyse")
def analyse(job: Working, *, experiment: int, as_of: str | None = None) -> dict[str, Any]:
    """Track and analyse one experiment as of a date, by default today; {"analysis"}, its key."""
    from experiments import analysis, outcomes

    one, day = _experiment(experiment), _date(as_of)
    outcomes.track(one, as_of=day, advance=job.advance)
    return {"analysis": analysis.analyse(one, as_of=day, user=job.row.created_by).pk}


@background("experiments.finalise")
def finalise(job: Working, *, experiment: int, as_of: str | None = None) -> dict[str, Any]:
    """Track one experiment a last time and finalise it as of a date, by default today; {"analysis"}, the final one."""
    from experiments import analysis, outcomes

    one, day = _experiment(experiment), _date(as_of)
    outcomes.track(one, as_of=day, advance=job.advance)
    return {"analysis": analysis.finalise(one, as_of=day, user=job.row.created_by).pk}


@background("experiments.learn_uplift")
def learn_uplift(job: Working, *, experiment: int, as_of: str | None = None) -> dict[str, Any]:
    """Learn from one finished experiment whom it helps; {"study"}, its key."""
    from experiments import uplift_learning

    one, day = _experiment(experiment), _date(as_of)
    return {"study": uplift_learning.learn(one, as_of=day, user=job.row.created_by, advance=job.advance).pk}


def _experiment(pk: int) -> Experiment:
    found = Experiment.objects.filter(pk=pk).first()
    if found is None:
        raise Refused(_("There is no such experiment any more."))
    return found


def _date(raw: str | None) -> dt.date:
    return dt.date.fromisoformat(raw) if raw else business_date()
