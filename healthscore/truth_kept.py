"""How true the score is, of a large company: measured in the background once a week, and when asked for; it is kept.

The figures are the result of a job, with customers by key. Only the newest result stays.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone

from customers import jobs
from customers.models import Job
from customers.models.runs import State
from healthscore import tasks
from healthscore.models import ConfigurationVersion, HealthDay
from healthscore.truth import Bin, Truth

__all__ = ["LARGE", "Kept", "as_document", "ask", "is_large", "latest", "refresh"]

LARGE = 50_000
FRESH_FOR = dt.timedelta(days=7)
KIND = tasks.measure_truth.name


@dataclass(frozen=True)
class Kept:
    """The versions as they were measured on a day."""

    today: dt.date
    versions: tuple[Truth, ...]


def is_large() -> bool:
    """Whether a page cannot wait for it: so many were scored last."""
    latest_day = HealthDay.objects.order_by("-as_of").first()
    return latest_day is not None and latest_day.n_scored >= LARGE


def latest() -> Kept | None:
    """What was measured last; None before the first time."""
    job = _done().first()
    if job is None:
        return None
    versions = ConfigurationVersion.objects.in_bulk(one["version"] for one in job.result["versions"])
    found = [_truth(one, versions[one["version"]]) for one in job.result["versions"] if one["version"] in versions]
    return Kept(dt.date.fromisoformat(job.result["today"]), tuple(found))


def ask(*, user: Any = None) -> Job:
    """Measure it in the background; where that is under way already, this is the job."""
    return jobs.unfinished().filter(kind=KIND).first() or jobs.start(tasks.measure_truth, user=user)


def refresh() -> Job | None:
    """Of a large company measure anew what is older than a week, and forget what was measured before the last time."""
    newest = _done().first()
    if newest is not None:
        _done().exclude(pk=newest.pk).update(result=None)
    is_fresh = newest is not None and newest.created_at > timezone.now() - FRESH_FOR
    return None if is_fresh or not is_large() else ask()


def as_document(versions: list[Truth], *, today: dt.date) -> dict[str, Any]:
    """The figures as JSON takes them."""
    return {"today": today.isoformat(), "versions": [_document(one) for one in versions]}


def _done() -> Any:
    return Job.objects.filter(kind=KIND, state=State.DONE, result__isnull=False).order_by("-created_at")


def _document(found: Truth) -> dict[str, Any]:
    plain = {name: getattr(found, name) for name in ("n", "n_left", "auc", "by_dimension", "n_surprises")}
    return plain | {
        "version": found.version.pk,
        "dates": [day.isoformat() for day in found.dates],
        "grades": [asdict(one) for one in found.grades],
        "bins": [asdict(one) for one in found.bins],
        "surprises": [one | {name: one[name].isoformat() for name in ("as_of", "left_on")} for one in found.surprises],
    }


def _truth(document: dict[str, Any], version: ConfigurationVersion) -> Truth:
    days = ("as_of", "left_on")
    return Truth(
        **document
        | {
            "version": version,
            "dates": tuple(dt.date.fromisoformat(day) for day in document["dates"]),
            "grades": tuple(Bin(**one) for one in document["grades"]),
            "bins": tuple(Bin(**one) for one in document["bins"]),
            "surprises": tuple(
                one | {name: dt.date.fromisoformat(one[name]) for name in days} for one in document["surprises"]
            ),
        }
    )
