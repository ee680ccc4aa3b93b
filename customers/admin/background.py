"""Work in the background as pages tell of it: what it is called, how far it is, and what came of it.

Apps say with `tell` what their jobs are called and the sentence that a result makes; the result is kept as figures, so
that it is told in the reader's language. A page shows the jobs about its row, and asks again while one is under way.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from customers.admin.labels import label
from customers.admin.runs import STATES
from customers.jobs import DEAD_AFTER
from customers.models import Job
from customers.models.runs import State

__all__ = ["Shown", "latest", "refreshed", "shown", "tell", "title", "told"]

REFRESH_SECONDS = 3
SHOWN_FOR = dt.timedelta(days=1)
MOST_SHOWN = 3
Sentence = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class _Told:
    title: Any
    sentence: Sentence


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A job as a page shows it; `share` is from 0 to 1, None while that is not known."""

    title: str
    state: Any
    sentence: Any
    address: str
    is_unfinished: bool
    share: float | None
    n_done: int
    n_total: int | None


_TOLD: dict[str, _Told] = {}


def tell(kind: str, *, title: Any, sentence: Sentence) -> None:
    """Say how jobs of a kind are shown; called once, where an app's pages are made."""
    _TOLD[kind] = _Told(title=title, sentence=sentence)


def title(job: Job) -> str:
    """What it is called; the name of its kind where nobody told."""
    known = _TOLD.get(job.kind)
    return str(known.title) if known else job.kind


def told(job: Job) -> Any:
    """What came of it, or how it is, in the reader's language."""
    if job.state == State.DONE:
        known = _TOLD.get(job.kind)
        return known.sentence(job.result) if known and job.result is not None else gettext("It is done.")
    if job.state == State.FAILED:
        return job.why
    if job.state == State.WAITING:
        return gettext("It waits for its turn.")
    if _is_silent(job):
        return gettext("It has shown no sign of life for ten minutes; start it again.")
    return gettext("It is under way.")


def latest(kinds: Iterable[str], **arguments: Any) -> list[Job]:
    """The last jobs of some kinds about something, newest first, of the last day."""
    about = {f"arguments__{name}": value for name, value in arguments.items()}
    since = timezone.now() - SHOWN_FOR
    found = Job.objects.filter(kind__in=tuple(kinds), created_at__gte=since, **about)
    return list(found.order_by("-created_at")[:MOST_SHOWN])


def shown(jobs: Iterable[Job]) -> list[Shown]:
    """Jobs as the panel of a page shows them."""
    return [_shown(job) for job in jobs]


def refreshed(response: HttpResponse, jobs: Iterable[Job]) -> HttpResponse:
    """The answer of a page, which the browser asks for again while one of these is under way."""
    if any(_is_unfinished(job) for job in jobs):
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


def _shown(job: Job) -> Shown:
    return Shown(
        title=title(job),
        state=label(job.state, job.get_state_display(), STATES),
        sentence=told(job),
        address=reverse("admin:customers_job_change", args=[job.pk]),
        is_unfinished=_is_unfinished(job),
        share=job.n_done / job.n_total if job.n_total else None,
        n_done=job.n_done,
        n_total=job.n_total,
    )


def _is_unfinished(job: Job) -> bool:
    return job.state in (State.WAITING, State.RUNNING) and not _is_silent(job)


def _is_silent(job: Job) -> bool:
    """Whether its worker seems to be dead; one that waits may wait for long."""
    seen = job.heartbeat_at or job.created_at
    return job.state == State.RUNNING and seen < timezone.now() - DEAD_AFTER
