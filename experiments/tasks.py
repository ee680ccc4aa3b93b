"""Experiments as Celery tasks: each takes ids and dates, and is safe to run twice or at the same time."""

import datetime as dt
from typing import Any

from celery import shared_task
from django.contrib.auth import get_user_model
from django.db import InterfaceError, OperationalError, transaction

from customers.clock import business_date
from experiments.models import Experiment

__all__ = ["analyse", "finalise", "learn_uplift", "queue", "track"]

RETRYING: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError, ConnectionError, TimeoutError),
    "retry_backoff": 1,
    "retry_backoff_max": 300,
    "max_retries": 5,
    "acks_late": True,
}


def queue(task: Any, *arguments: Any) -> None:
    """Hand a task to the workers once what it reads is committed."""
    transaction.on_commit(lambda: task.delay(*arguments))


@shared_task(**RETRYING)
def track(as_of: str | None = None) -> dict[str, Any]:
    """Outcomes and analyses of every experiment that is followed, of a date, by default today."""
    from experiments import following

    return following.follow_all(as_of=_date(as_of))


@shared_task(**RETRYING)
def analyse(experiment_id: int, as_of: str | None = None, user_id: int | None = None) -> int:
    """Track and analyse one experiment as of a date, by default today; the analysis' key."""
    from experiments import analysis, outcomes

    experiment = Experiment.objects.get(pk=experiment_id)
    outcomes.track(experiment, as_of=_date(as_of))
    return analysis.analyse(experiment, as_of=_date(as_of), user=_user(user_id)).pk


@shared_task(**RETRYING)
def finalise(experiment_id: int, as_of: str | None = None, user_id: int | None = None) -> int:
    """Track one experiment a last time and finalise it as of a date, by default today; the final analysis' key."""
    from experiments import analysis, outcomes

    experiment = Experiment.objects.get(pk=experiment_id)
    outcomes.track(experiment, as_of=_date(as_of))
    return analysis.finalise(experiment, as_of=_date(as_of), user=_user(user_id)).pk


@shared_task(**RETRYING)
def learn_uplift(experiment_id: int, as_of: str | None = None, user_id: int | None = None) -> int:
    """Learn from one finished experiment whom it helps; the study's key."""
    from experiments import uplift_learning

    experiment = Experiment.objects.get(pk=experiment_id)
    return uplift_learning.learn(experiment, as_of=_date(as_of), user=_user(user_id)).pk


def _date(raw: str | None) -> dt.date:
    return dt.date.fromisoformat(raw) if raw else business_date()


def _user(user_id: int | None) -> Any:
    return get_user_model().objects.filter(pk=user_id).first() if user_id else None
