"""The daily job on real worker processes, with Redis between them."""

import datetime as dt
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from churnsite import runs
from churnsite.tasks import daily, do_part, gather, go_on
from customers.models import Run

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]

DAY = "2017-09-30"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def queue():
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def workers(data_dir, queue):
    """Two worker processes of one child each, on a queue of their own."""
    database = connection.settings_dict
    url = (
        f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    environment = os.environ | {"TEST_QUEUE": queue, "DATA_DIR": str(data_dir), "DATABASE_URL": url}
    command = [sys.executable, "-m", "celery", "-A", "tests.churnsite.worker_app", "worker", "-c", "1"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
    logs = [(data_dir / f"worker-{number}.log").open("w") for number in (1, 2)]
    processes = [
        subprocess.Popen([*command, "-n", f"{queue}-{number}@%h"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        for number, log in enumerate(logs)
    ]
    yield processes
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=30)


def until_over(seconds=240.0):
    """The run once it is done or failed."""
    for _ in range(int(seconds / 0.05)):
        run = Run.objects.first()
        if run and run.state in ("done", "failed"):
            return run
        time.sleep(0.05)
    raise AssertionError(f"The run is not over: {Run.objects.values().first()}")


def notes(data_dir):
    lines = (data_dir / "notes.txt").read_text().splitlines()
    return [tuple(line.rsplit(" ", 1)) for line in lines]


def test_workers_share_the_parts_and_survive_a_lost_connection_and_a_killed_process(workers, queue, data_dir):
    daily.apply_async([DAY], queue=queue)
    run = until_over()
    assert (run.state, run.error) == ("done", "")
    done = Counter(name for name, _process in notes(data_dir))
    assert done == {"first": 1, "last": 1, "finish": 2} | {f"part {n}": 1 for n in [*range(6), 10, 11]}
    assert len({process for name, process in notes(data_dir) if name.startswith("part")}) >= 2
    assert list(run.steps.values_list("name", "state", "n_rows")) == [
        ("first", "done", 1),
        ("middle", "done", 6),
        ("empty", "done", 6),
        ("last", "done", 1),
    ]


def test_a_part_that_fails_fails_its_step_with_the_cause_and_the_next_start_goes_on_there(workers, queue, data_dir):
    (data_dir / "fail").touch()
    (data_dir / "once-part 2").touch()
    daily.apply_async([DAY], queue=queue)
    run = until_over()
    assert (run.state, run.error) == ("failed", "middle: ValueError: part 3 is bad")
    assert dict(run.steps.values_list("name", "state"))["last"] == "waiting"

    (data_dir / "fail").unlink()
    Run.objects.update(error="")
    daily.apply_async([DAY], queue=queue)
    for _ in range(1200):
        if Run.objects.get().state == "done":
            break
        time.sleep(0.05)
    assert Run.objects.get().state == "done"
    done = Counter(name for name, _process in notes(data_dir))
    assert (done["first"], done["last"]) == (1, 1)


def test_two_starts_at_once_end_as_one(workers, queue, data_dir):
    (data_dir / "once-part 2").touch()
    for _ in range(2):
        daily.apply_async([DAY], queue=queue)
    assert until_over().state == "done"
    time.sleep(0.3)
    done = Counter(name for name, _process in notes(data_dir))
    assert (done["first"], done["last"], done["part 0"]) == (1, 1, 1)
    assert Run.objects.count() == 1


def test_tasks_of_a_run_that_was_taken_over_do_nothing(data_dir):
    run, claim = runs.claim(kind="daily", as_of=dt.date.fromisoformat(DAY), steps=["first"], is_shared=True)
    for late in (
        lambda: go_on(run.pk, "another claim"),
        lambda: do_part(run.pk, "another claim", "features", 0, 0),
        lambda: gather(run.pk, "another claim", "features", 0),
    ):
        late()
    assert claim.is_held()
    assert set(run.steps.values_list("state", flat=True)) == {"waiting"}


def test_redis_is_the_queue_of_this_run():
    assert settings.CELERY_BROKER_URL.startswith("redis")
