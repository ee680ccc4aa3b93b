"""A Celery application for the tests of real workers: made-up steps that note in files what they did.

Run as `celery -A tests.churnsite.worker_app worker`; TEST_QUEUE names the queue, DATA_DIR the folder of the notes.
"""

import os
import signal
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churnsite.settings")
django.setup()

from django.conf import settings  # noqa: E402 - the models need the set-up before

from churnsite import daily, steps  # noqa: E402
from churnsite.queue import app  # noqa: E402
from churnsite.steps import Done, Parts, Stage, StepKind  # noqa: E402

N_PARTS = 6


def note(name: str) -> None:
    with (Path(settings.DATA_DIR) / "notes.txt").open("a") as file:
        file.write(f"{name} {os.getpid()}\n")


def is_first_time(name: str) -> bool:
    try:
        (Path(settings.DATA_DIR) / f"once-{name}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def wait_for_another_process() -> None:
    notes = Path(settings.DATA_DIR) / "notes.txt"
    for _ in range(400):
        done = [line.split() for line in notes.read_text().splitlines()]
        if any(words[0] == "part" and words[-1] != str(os.getpid()) for words in done):
            return
        time.sleep(0.05)
    raise ValueError("no other process took a part")


def part(as_of, number):
    """Part 0 waits for another process to do one; part 1 loses its connection the first time, part 2 its process.

    Part 3 fails where a file says so.
    """
    if number == 0:
        wait_for_another_process()
    if number == 1 and is_first_time("part 1"):
        raise ConnectionError("reset by peer")
    if number == 2 and is_first_time("part 2"):
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 3 and (Path(settings.DATA_DIR) / "fail").exists():
        raise ValueError("part 3 is bad")
    note(f"part {number}")


def whole(name):
    def work(as_of, advance):
        note(name)
        return Done(n_rows=1, result={"as_of": as_of})

    return work


def finish(as_of):
    note("finish")
    return Done(n_rows=N_PARTS)


def second_stage(as_of):
    done = set((Path(settings.DATA_DIR) / "notes.txt").read_text().splitlines())
    missing = [n for n in range(N_PARTS) if not any(line.startswith(f"part {n} ") for line in done)]
    if missing:
        raise ValueError(f"the second stage began before parts {missing} of the first")
    return [10, 11]


FIRST = Stage(lambda as_of: list(range(N_PARTS)), part)
STEPS = (
    StepKind("first", "First", whole("first")),
    StepKind("middle", "Middle", whole("middle"), Parts((FIRST, Stage(second_stage, part)), finish)),
    StepKind("empty", "Empty", whole("empty"), Parts((Stage(lambda as_of: [], part),), finish)),
    StepKind("last", "Last", whole("last")),
)

if queue := os.environ.get("TEST_QUEUE"):
    app.conf.task_default_queue = queue
    steps.JOBS["daily"] = STEPS
    daily.FIRST_WAIT_SECONDS = 0.05
