"""The jobs as Celery tasks: with Redis, workers on one machine or several do the steps and share out their parts.

Without Redis a job runs in the process of the task, as `run_daily` does. The rows of Run and Step are the same by both
ways. Every task takes ids and ISO dates, is acknowledged late, and may be delivered twice: what it writes is bound to
the claim of its run, and a step's parts write files that finishing reads.
"""

import datetime as dt
import logging
from traceback import format_exception
from typing import Any

from celery import chord, current_app, shared_task
from django.conf import settings
from django.core.cache import cache

from churnsite import runs
from churnsite.daily import TRANSIENT, Verdict, attempt, keep, open_steps, run_job, told, wait_before
from churnsite.runs import Claim, TakenOverError
from churnsite.steps import StepKind, step_named, steps_of
from customers.clock import business_date
from customers.commands import Advance, Refused
from customers.models import Run, Step
from customers.models.runs import State
from customers.sentences import gettext as _
from customers.sentences import kept

logger = logging.getLogger(__name__)

PART_RETRIES = 3
MAX_DELIVERIES = 8
# For what a task does around its steps, such as claiming a run while the database restarts.
RETRYING: dict[str, Any] = {
    "autoretry_for": TRANSIENT,
    "retry_backoff": 1,
    "retry_backoff_max": 300,
    "max_retries": 8,
    "acks_late": True,
}


@shared_task(**RETRYING)
def daily(as_of: str | None = None) -> None:
    """The daily job of a date, by default today's."""
    start(kind=Run.Kind.DAILY, as_of=_date(as_of))


@shared_task(**RETRYING)
def training(as_of: str | None = None) -> None:
    """Training as of a date, by default today."""
    start(kind=Run.Kind.TRAINING, as_of=_date(as_of))


@shared_task(**RETRYING)
def retention(as_of: str | None = None) -> None:
    """What is past its retention, counted from a date, by default today, goes to the archive."""
    start(kind=Run.Kind.RETENTION, as_of=_date(as_of))


def start(*, kind: str, as_of: dt.date) -> None:
    """Do a job here, or, where workers share a queue, claim it and hand its steps to them."""
    if not is_shared():
        run_job(kind=kind, as_of=as_of)
        return
    names = [step.name for step in steps_of(kind)]
    _run, claim = runs.claim(kind=kind, as_of=as_of, steps=names, is_shared=True)
    if claim is not None:
        go_on.delay(claim.run_id, claim.token)


def is_shared() -> bool:
    """Whether tasks go to workers that need not be in this process."""
    return bool(settings.REDIS_URL) and not current_app.conf.task_always_eager


@shared_task(bind=True, **RETRYING)
def go_on(self: Any, run_id: int, token: str) -> None:
    """Do the steps that are left, up to one whose parts are shared out; `gather` goes on after it."""
    claim = Claim(run_id=run_id, token=token)
    if not claim.is_held():
        return
    run = claim.run()
    try:
        with runs.beating(claim):
            _do_what_is_left(task=self, claim=claim, run=run)
    except TakenOverError:
        logger.warning("%s was taken over.", run)


@shared_task(bind=True, acks_late=True, max_retries=PART_RETRIES)
def do_part(self: Any, run_id: int, token: str, step: str, stage: int, part: int) -> None:
    """One part of a stage of a step. Its failure ends the run, and the other parts, still queued, then do nothing."""
    claim = Claim(run_id=run_id, token=token)
    if not claim.is_held():
        return
    try:
        with runs.beating(claim):
            _refuse_killer(f"{token}:{step}:{stage}:{part}")
            _parts(step_named(step)).stages[stage].part(claim.run().as_of, part)
    except TRANSIENT as error:
        if self.request.retries >= PART_RETRIES:
            _fail_part(claim, step, error)
        else:
            raise self.retry(exc=error, countdown=wait_before(self.request.retries + 1)) from error
    except Exception as error:  # noqa: BLE001 - whatever it was, the step's row tells it
        _fail_part(claim, step, error)


@shared_task(bind=True, **RETRYING)
def gather(self: Any, run_id: int, token: str, step: str, stage: int) -> None:
    """The parts of a stage are done: share out the next, or bring the step to its end and go on with those after."""
    claim = Claim(run_id=run_id, token=token)
    if not claim.is_held() or Step.objects.filter(run_id=run_id, name=step, state=State.DONE).exists():
        return
    try:
        with runs.beating(claim):
            _after_stage(task=self, claim=claim, step=step_named(step), stage=stage)
    except TakenOverError:
        logger.warning("Run %s was taken over.", run_id)


def _do_what_is_left(*, task: Any, claim: Claim, run: Run) -> None:
    for step in open_steps(claim, steps_of(run.kind)):
        if step.parts is not None:
            _share_out(task=task, claim=claim, step=step, stage=0)
            return
        if not _do(task=task, claim=claim, step=step, as_of=run.as_of):
            return
    claim.complete()


def _do(*, task: Any, claim: Claim, step: StepKind, as_of: dt.date) -> bool:
    verdict, done = attempt(claim=claim, step=step.name, work=lambda: step.work(as_of, Advance()))
    _retry_if(verdict, task=task, claim=claim, step=step.name)
    if verdict is Verdict.WORKED:
        keep(claim=claim, step=step.name, done=done)
    return verdict is Verdict.WORKED


def _after_stage(*, task: Any, claim: Claim, step: StepKind, stage: int) -> None:
    if stage + 1 < len(_parts(step).stages):
        _share_out(task=task, claim=claim, step=step, stage=stage + 1)
    else:
        _finish_parts(task=task, claim=claim, step=step)


def _share_out(*, task: Any, claim: Claim, step: StepKind, stage: int) -> None:
    """Queue the parts of a stage, each a task, and `gather` behind them."""
    begin, as_of = _parts(step).stages[stage].begin, claim.run().as_of
    counts = stage == 0 or task.request.retries > 0
    verdict, numbers = attempt(claim=claim, step=step.name, work=lambda: begin(as_of), counts=counts)
    _retry_if(verdict, task=task, claim=claim, step=step.name)
    if verdict is not Verdict.WORKED:
        return
    body = gather.si(claim.run_id, claim.token, step.name, stage)
    parts = [do_part.si(claim.run_id, claim.token, step.name, stage, number) for number in numbers]
    if parts:
        chord(parts)(body)
    else:
        body.delay()


def _finish_parts(*, task: Any, claim: Claim, step: StepKind) -> None:
    as_of = claim.run().as_of
    is_again = task.request.retries > 0
    finish = _parts(step).finish
    verdict, done = attempt(claim=claim, step=step.name, work=lambda: finish(as_of), counts=is_again)
    _retry_if(verdict, task=task, claim=claim, step=step.name)
    if verdict is Verdict.WORKED:
        keep(claim=claim, step=step.name, done=done)
        go_on.delay(claim.run_id, claim.token)


def _retry_if(verdict: Verdict, *, task: Any, claim: Claim, step: str) -> None:
    if verdict is Verdict.AGAIN:
        n_attempts = Step.objects.values_list("n_attempts", flat=True).get(run_id=claim.run_id, name=step)
        raise task.retry(countdown=wait_before(n_attempts), max_retries=None)


def _refuse_killer(key: str) -> None:
    """A part that takes its worker down is delivered again, for ever; end that, with the likely cause."""
    cache.add(f"part:{key}", 0, timeout=24 * 3600)
    if (cache.incr(f"part:{key}") or 0) > MAX_DELIVERIES:
        raise Refused(_("A part was delivered too often: its worker was killed each time, perhaps for lack of memory."))


def _parts(step: StepKind) -> Any:
    return step.parts


def _fail_part(claim: Claim, step: str, error: BaseException) -> None:
    logger.error("A part of the step %s failed.", step, exc_info=error)
    try:
        claim.fail(step=step, error=told(error), cause=kept(error), traceback="".join(format_exception(error)))
    except TakenOverError:
        return


def _date(raw: str | None) -> dt.date:
    return dt.date.fromisoformat(raw) if raw else business_date()
