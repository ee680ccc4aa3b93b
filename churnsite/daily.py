"""Jobs in this process: the declared steps one after another, each done once, picked up where the last start ended."""

import datetime as dt
import json
import logging
import time
from collections.abc import Callable
from enum import Enum
from traceback import format_exception
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from churnsite import runs
from churnsite.runs import Claim, TakenOverError
from churnsite.steps import Done, StepKind, steps_of
from customers.commands import Advance, Refused
from customers.models import Run, Step
from customers.models.runs import State
from customers.sentences import gettext as _
from customers.sentences import kept

logger = logging.getLogger(__name__)

TRANSIENT = (OperationalError, InterfaceError, ConnectionError, TimeoutError)
MAX_ATTEMPTS = 4
FIRST_WAIT_SECONDS = 1.0


class Verdict(Enum):
    """What came of an attempt at a step."""

    WORKED = "worked"
    AGAIN = "again"
    FAILED = "failed"


def run_daily(*, as_of: dt.date, user: Any = None, advance: Advance | None = None) -> Run:
    """The daily job of `as_of`: done steps are left alone, the rest is done in order; the first failure ends it."""
    return run_job(kind=Run.Kind.DAILY, as_of=as_of, user=user, advance=advance)


def run_job(*, kind: str, as_of: dt.date, user: Any = None, advance: Advance | None = None) -> Run:
    """The run, done or failed. Where another process works on it, wait for that one and report what it made of it."""
    steps = steps_of(kind)
    while True:
        run, claim = runs.claim(kind=kind, as_of=as_of, steps=[step.name for step in steps], user=user)
        if claim is None:
            run = runs.wait_for(run)
            if run.state == State.RUNNING:
                continue
            return run
        try:
            with runs.beating(claim):
                _work_through(claim=claim, as_of=as_of, steps=steps, advance=advance or Advance())
        except TakenOverError:
            continue
        return claim.run()


def open_steps(claim: Claim, steps: tuple[StepKind, ...]) -> list[StepKind]:
    """The declared steps that are not done yet, in order."""
    done = set(Step.objects.filter(run_id=claim.run_id, state=State.DONE).values_list("name", flat=True))
    return [step for step in steps if step.name not in done]


def attempt(*, claim: Claim, step: str, work: Callable[[], Any], counts: bool = True) -> tuple[Verdict, Any]:
    """Do the work of a step once: its value, or what to do about its failure, which the step's row then tells."""
    row = claim.start(step=step, counts=counts)
    try:
        return Verdict.WORKED, work()
    except TakenOverError:
        raise
    except TRANSIENT as error:
        return _after(claim=claim, step=step, error=error, is_last=row.n_attempts >= MAX_ATTEMPTS), None
    except Exception as error:  # noqa: BLE001 - whatever it was, the step's row tells it
        return _after(claim=claim, step=step, error=error, is_last=True), None
    except BaseException:
        said = _("It was interrupted.")
        claim.fail(step=step, error=said, cause=kept(said))
        raise


def keep(*, claim: Claim, step: str, done: Done) -> None:
    """Store what a step did."""
    claim.finish(step=step, n_rows=done.n_rows, result=json.loads(json.dumps(done.result, default=str)))


def wait_before(n_attempts: int) -> float:
    """Seconds before the next attempt: 1, 4, 16."""
    return float(FIRST_WAIT_SECONDS * 4 ** (n_attempts - 1))


def told(error: BaseException) -> str:
    """An error as one sentence."""
    lines = str(error).strip().splitlines()
    first = lines[0] if lines else ""
    return first if isinstance(error, Refused) else f"{type(error).__name__}: {first}".removesuffix(": ")


def _work_through(*, claim: Claim, as_of: dt.date, steps: tuple[StepKind, ...], advance: Advance) -> None:
    waiting = open_steps(claim, steps)
    for number, step in enumerate(waiting):
        advance(_("Steps"), number, len(waiting))
        if not _do(claim=claim, step=step, as_of=as_of, advance=advance):
            return
    advance(_("Steps"), len(waiting), len(waiting))
    claim.complete()


def _do(*, claim: Claim, step: StepKind, as_of: dt.date, advance: Advance) -> bool:
    """One step with its attempts; whether it was done."""
    n_attempts = 0
    while True:
        n_attempts += 1
        verdict, done = attempt(claim=claim, step=step.name, work=lambda: step.work(as_of, advance))
        if verdict is Verdict.WORKED:
            keep(claim=claim, step=step.name, done=done)
            return True
        if verdict is Verdict.FAILED:
            return False
        time.sleep(wait_before(n_attempts))


def _after(*, claim: Claim, step: str, error: BaseException, is_last: bool) -> Verdict:
    _forget_broken_connection()
    if is_last:
        logger.info("The step %s failed.", step, exc_info=error)
        claim.fail(step=step, error=told(error), cause=kept(error), traceback="".join(format_exception(error)))
        return Verdict.FAILED
    logger.warning("The step %s will be tried again: %s", step, told(error))
    claim.note(step=step, error=told(error))
    return Verdict.AGAIN


def _forget_broken_connection() -> None:
    """After a lost connection the next query opens a new one; inside a caller's transaction it must stay."""
    if not transaction.get_connection().in_atomic_block:
        close_old_connections()
