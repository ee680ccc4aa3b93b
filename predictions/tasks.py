"""Features, scores, outcomes, drift and training as Celery tasks of their own, for one date at a time.

The daily job shares the same work out with a row for each step; these are for a date done by hand, as from the admin.
With several workers, features and scores go by part: a chord whose body brings them together.
"""

import datetime as dt
from typing import Any

from celery import chord, current_app, shared_task
from django.contrib.auth import get_user_model
from django.db import InterfaceError, OperationalError

from customers.clock import business_date

RETRYING: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError, ConnectionError, TimeoutError),
    "retry_backoff": 1,
    "retry_backoff_max": 300,
    "max_retries": 5,
    "acks_late": True,
}


@shared_task(**RETRYING)
def compute_features(as_of: str, again: bool = False) -> None:
    """The snapshot of a date; one that is there already is left, unless it is wanted again."""
    from predictions import snapshot_stages, snapshots

    day = dt.date.fromisoformat(as_of)
    if current_app.conf.task_always_eager:
        snapshots.ensure(as_of=day, again=again)
    elif again or snapshots.current(as_of=day) is None:
        _by_part(snapshot_stages.begin(day), part=read_features_slice, then=join_features, as_of=as_of)


@shared_task(**RETRYING)
def read_features_slice(as_of: str, number: int) -> None:
    from predictions import snapshot_stages

    snapshot_stages.read_slice(dt.date.fromisoformat(as_of), number)


@shared_task(**RETRYING)
def join_features(as_of: str) -> None:
    from predictions import snapshot_stages

    parts = snapshot_stages.join(dt.date.fromisoformat(as_of))
    _by_part(parts, part=compute_features_part, then=finish_features, as_of=as_of)


@shared_task(**RETRYING)
def compute_features_part(as_of: str, part: int) -> None:
    from predictions import snapshot_stages

    snapshot_stages.compute_part(dt.date.fromisoformat(as_of), part)


@shared_task(**RETRYING)
def finish_features(as_of: str) -> None:
    from predictions import snapshot_stages

    snapshot_stages.finish(dt.date.fromisoformat(as_of))


@shared_task(**RETRYING)
def score(as_of: str) -> None:
    """The predictions of a date, which replace those that are there."""
    from predictions import scoring

    day = dt.date.fromisoformat(as_of)
    if current_app.conf.task_always_eager:
        scoring.score(as_of=day)
        return
    _by_part(scoring.begin(day), part=score_part, then=publish_scores, as_of=as_of)


@shared_task(**RETRYING)
def score_part(as_of: str, part: int) -> None:
    from predictions import scoring

    scoring.score_part(dt.date.fromisoformat(as_of), part)


@shared_task(**RETRYING)
def publish_scores(as_of: str) -> None:
    from predictions import scoring

    scoring.publish(dt.date.fromisoformat(as_of))


@shared_task(**RETRYING)
def close_outcomes(today: str | None = None) -> None:
    """The outcome of every prediction whose label is closed by a date, by default today."""
    from predictions import outcomes

    outcomes.close(today=_date(today))


@shared_task(**RETRYING)
def measure_drift(as_of: str) -> None:
    """How far the features and scores of a date are from those that the champion was trained on."""
    from predictions import drift

    drift.measure(as_of=dt.date.fromisoformat(as_of))


@shared_task(**RETRYING)
def train(as_of: str | None = None, user_id: int | None = None) -> str:
    """Train as of a date, by default today; the new model's version."""
    from predictions import training

    user = get_user_model().objects.filter(pk=user_id).first() if user_id else None
    return str(training.train(as_of=_date(as_of), user=user).version)


def _by_part(numbers: list[int], *, part: Any, then: Any, as_of: str) -> None:
    body = then.si(as_of)
    if numbers:
        chord([part.si(as_of, number) for number in numbers])(body)
    else:
        body.delay()


def _date(raw: str | None) -> dt.date:
    return dt.date.fromisoformat(raw) if raw else business_date()
