"""Who works on a run, and what state its steps are in: claims, signs of life, and the rows that staff see.

A run is claimed by one conditional UPDATE, so of two that start it one works and the other waits. Whoever works on it
says so every HEARTBEAT_SECONDS. One that has been silent for STALE_AFTER was killed, and the next start takes it over;
at once where its process was on this machine and is gone. Every later write names the claim, so that a process that
was taken over, and comes back, changes nothing.
"""

import datetime as dt
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from customers.models import Run, Step
from customers.models.runs import State

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
STALE_AFTER = dt.timedelta(minutes=2)
POLL_SECONDS = 0.5


class TakenOverError(Exception):
    """Another process has taken the run over; this one leaves it alone."""


@dataclass(frozen=True)
class Claim:
    """The right to work on one run: ids and plain values, so that a task can carry it."""

    run_id: int
    token: str

    def run(self) -> Run:
        return Run.objects.get(pk=self.run_id)

    def is_held(self) -> bool:
        return self._mine().exists()

    def beat(self) -> None:
        """Say that the work goes on; raises TakenOverError where it is no longer ours."""
        self._update(heartbeat_at=timezone.now())

    def start(self, *, step: str, counts: bool = True) -> Step:
        """Mark a step as running, as another attempt where that `counts`, and return it."""
        with transaction.atomic():
            self.beat()
            self._steps(step).update(
                state=State.RUNNING,
                started_at=Coalesce("started_at", Now()),
                ended_at=None,
                error="",
                n_attempts=F("n_attempts") + int(counts),
            )
        return self._steps(step).get()

    def finish(self, *, step: str, n_rows: int | None, result: dict[str, Any]) -> None:
        """Mark a step as done, with the rows it dealt with and what it found."""
        with transaction.atomic():
            self.beat()
            self._steps(step).update(state=State.DONE, ended_at=timezone.now(), n_rows=n_rows, result=result, error="")

    def note(self, *, step: str, error: str) -> None:
        """Keep the cause of an attempt that will be made again."""
        self._steps(step).update(error=error)

    def fail(self, *, step: str, error: str, cause: Any = None, traceback: str = "") -> None:
        """Mark a step and its run as failed, and let go of the run; the next start goes on at this step.

        `cause` is the error as a sentence that is kept, see `customers.sentences`, where it is one.
        """
        result = {name: one for name, one in {"traceback": traceback, "cause": cause}.items() if one}
        now = timezone.now()
        with transaction.atomic():
            self._update(state=State.FAILED, ended_at=now, error=f"{step}: {error}", claim="")
            self._steps(step).update(state=State.FAILED, ended_at=now, error=error, result=result)

    def complete(self) -> None:
        """Mark the run as done."""
        self._update(state=State.DONE, ended_at=timezone.now(), error="", claim="")

    def _mine(self) -> Any:
        return Run.objects.filter(pk=self.run_id, claim=self.token, state=State.RUNNING)

    def _update(self, **values: Any) -> None:
        if not self._mine().update(**values):
            raise TakenOverError

    def _steps(self, name: str) -> Any:
        return Step.objects.filter(run_id=self.run_id, name=name)


def claim(
    *, kind: str, as_of: dt.date, steps: Iterable[str], user: Any = None, is_shared: bool = False
) -> tuple[Run, Claim | None]:
    """The run of `kind` at `as_of`, and the right to work on it; None where it is done or another works on it.

    With `is_shared` the claim goes from worker to worker; else it ends with this process.
    """
    run, _ = Run.objects.get_or_create(kind=kind, as_of=as_of, defaults={"started_by": user})
    mine = Claim(run_id=run.pk, token=uuid.uuid4().hex if is_shared else f"{_this_process()}/{uuid.uuid4().hex}")
    with transaction.atomic():
        if not _take(run=run, token=mine.token):
            run.refresh_from_db()
            return run, None
        _lay_out(run=run, steps=steps)
    run.refresh_from_db()
    return run, mine


def wait_for(run: Run) -> Run:
    """The run once nobody works on it any more: done, failed, or silent for so long that it may be taken over."""
    while run.state == State.RUNNING and not is_abandoned(run):
        time.sleep(POLL_SECONDS)
        run.refresh_from_db()
    return run


def is_abandoned(run: Run) -> bool:
    """Whether a running run has given no sign of life for STALE_AFTER, or its process on this machine is gone."""
    if run.state != State.RUNNING:
        return False
    is_silent = run.heartbeat_at is None or run.heartbeat_at < timezone.now() - STALE_AFTER
    return is_silent or _is_gone(run.claim)


@contextmanager
def beating(claim: Claim) -> Iterator[None]:
    """Give signs of life from a thread of its own while the work is in hand."""
    stopped = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(claim, stopped), daemon=True, name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _beat_until(claim: Claim, stopped: threading.Event) -> None:
    try:
        while not stopped.wait(HEARTBEAT_SECONDS):
            _beat_once(claim)
    except TakenOverError:
        logger.warning("Run %s was taken over by another process.", claim.run_id)
    finally:
        connection.close()


def _beat_once(claim: Claim) -> None:
    try:
        claim.beat()
    except DatabaseError as error:
        # The next beat tries again; work that is alive must not end because one sign of it was lost.
        logger.warning("No sign of life could be written for run %s: %s", claim.run_id, error)
        connection.close()


def _take(*, run: Run, token: str) -> bool:
    """Claim the run where it is free; the conditions are in the UPDATE itself, so that one of two wins."""
    free = Q(state__in=[State.WAITING, State.FAILED])
    if is_abandoned(run):
        free |= Q(state=State.RUNNING, claim=run.claim, heartbeat_at=run.heartbeat_at)
    now = timezone.now()
    values = {"state": State.RUNNING, "claim": token, "heartbeat_at": now, "ended_at": None, "error": ""}
    return bool(Run.objects.filter(free, pk=run.pk).update(started_at=Coalesce("started_at", Now()), **values))


def _this_process() -> str:
    return f"{socket.gethostname()[:50]}/{os.getpid()}"


def _is_gone(token: str) -> bool:
    """Whether the claim is of a process on this machine that is no longer there."""
    machine, _, rest = token.partition("/")
    process = rest.partition("/")[0]
    if machine != socket.gethostname()[:50] or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _lay_out(*, run: Run, steps: Iterable[str]) -> None:
    """A row for each step; those that are done stay, the others wait, with their attempts counted anew."""
    rows = [Step(run=run, name=name, position=position) for position, name in enumerate(steps, start=1)]
    Step.objects.bulk_create(rows, ignore_conflicts=True)
    run.steps.exclude(state=State.DONE).update(
        state=State.WAITING, started_at=None, ended_at=None, n_attempts=0, error=""
    )
