"""Work in the background that somebody asked for: it is queued, says how far it is, and keeps what came of it.

A task is written as a function of the job and the arguments that were stored with it:

    @background("experiments.analyse")
    def analyse(job: Working, *, experiment: int) -> dict[str, Any]: ...

and started with `start(analyse, user=request.user, experiment=experiment.pk)`, which gives the row to look at. The
arguments are keys, dates and options, never personal data. What the function returns is the result; Refused makes the
job failed with its sentence. A job that is delivered twice is done once; one whose worker died is taken up again.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import Task, shared_task
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from customers.commands import Advance, Refused, terminal_language
from customers.models import ApiKey, Job
from customers.models.runs import State
from customers.sentences import kept

__all__ = ["Working", "background", "start", "unfinished"]

# A worker says that it lives at least so often; one silent for longer is taken for dead.
BEAT_SECONDS = 1.0
N_RETRIES = 5
DEAD_AFTER = dt.timedelta(minutes=10)
_TRANSIENT = (OperationalError, InterfaceError, ConnectionError, TimeoutError)
_log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Working:
    """A job under way: call it with how much is done of how much; what the person reads is in `language`."""

    row: Job
    _said_at: float = 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        """Note progress, at most once a second."""
        is_end = total is not None and done >= total
        if not is_end and time.monotonic() - self._said_at < BEAT_SECONDS:
            return
        self._said_at = time.monotonic()
        facts: dict[str, Any] = {"n_done": done, "heartbeat_at": timezone.now()}
        Job.objects.filter(pk=self.row.pk).update(**facts, n_total=total)

    @property
    def advance(self) -> Advance:
        """What work that commands do as well is told to call."""
        return _Noted(self)


class _Noted(Advance):
    """Progress as a job keeps it: whole numbers, without the label."""

    def __init__(self, job: Working) -> None:
        super().__init__()
        self._job = job

    def __call__(self, label: str, done: float, total: float | None = None) -> None:
        n_total = None if total is None else int(total)
        self._job(int(done) if n_total is None else min(int(done), n_total), n_total)


def background(name: str) -> Callable[[Callable[..., Any]], Task]:
    """A function of a job as a Celery task of that name; it takes the key of the job."""

    def made(work: Callable[..., Any]) -> Task:
        @shared_task(name=name, bind=True, max_retries=N_RETRIES)
        def task(self: Task, job_id: str) -> str:
            try:
                return _do(job_id, work, is_last=self.request.retries >= N_RETRIES)
            except _TRANSIENT as error:
                raise self.retry(exc=error, countdown=2**self.request.retries) from error

        task.__doc__ = work.__doc__
        return task

    return made


def start(task: Task, *, user: Any = None, key: ApiKey | None = None, **arguments: Any) -> Job:
    """Store a job and hand it to the workers once that is committed."""
    language = translation.get_language() or terminal_language()
    job = Job.objects.create(kind=task.name, arguments=arguments | {"language": language}, created_by=user, api_key=key)
    transaction.on_commit(lambda: task.delay(str(job.pk)))
    return job


def unfinished(*, within: dt.timedelta = DEAD_AFTER) -> QuerySet[Job]:
    """Jobs that are under way or waiting and still live: their last sign of life is not older than `within`."""
    since = timezone.now() - within
    lives = Q(heartbeat_at__gte=since) | Q(heartbeat_at=None, created_at__gte=since)
    return Job.objects.filter(lives, state__in=(State.WAITING, State.RUNNING))


def _do(job_id: str, work: Callable[..., Any], *, is_last: bool) -> str:
    job = _claimed(job_id)
    if job is None:
        return "left alone"
    arguments = {**job.arguments}
    try:
        with translation.override(arguments.pop("language", None) or terminal_language()):
            result = work(Working(row=job), **arguments)
    except Refused as refused:
        cause = kept(refused)
        return _end(job, State.FAILED, error=str(refused), result={"cause": cause} if cause else None)
    except Exception as error:
        if isinstance(error, _TRANSIENT) and not is_last:
            # The queue brings it again; meanwhile it waits, and what stopped it can be read.
            Job.objects.filter(pk=job.pk).update(state=State.WAITING, error=type(error).__name__)
            raise
        _log.exception("The job %s failed.", job.pk)
        return _end(job, State.FAILED, error=type(error).__name__)
    return _end(job, State.DONE, result=result)


def _claimed(job_id: str) -> Job | None:
    """The job, now running; None where another worker has it or it is over."""
    now = timezone.now()
    silent = Q(heartbeat_at__lt=now - DEAD_AFTER) | Q(heartbeat_at=None)
    free = Q(state=State.WAITING) | Q(state=State.RUNNING) & silent
    claimed = Job.objects.filter(free, pk=job_id).update(state=State.RUNNING, started_at=now, heartbeat_at=now)
    return Job.objects.get(pk=job_id) if claimed else None


def _end(job: Job, state: State, *, error: str = "", result: Any = None) -> str:
    Job.objects.filter(pk=job.pk).update(state=state, error=error, result=result, ended_at=timezone.now())
    return str(state)
