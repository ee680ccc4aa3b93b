"""The daily job in one process: order, picking up, failures, and two at once."""

import datetime as dt
import os
import subprocess
import sys
import threading

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from churnsite import daily, runs, steps
from churnsite.daily import run_daily
from churnsite.runs import TakenOverError
from customers.commands import Refused
from customers.models import Run, Step
from customers.sentences import gettext
from tests.churnsite.jobs import Job

DAY = dt.date(2017, 9, 30)


@pytest.fixture
def job(monkeypatch):
    monkeypatch.setattr(daily, "FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(runs, "POLL_SECONDS", 0.01)
    return Job().install(monkeypatch)


def states(run):
    return dict(run.steps.values_list("name", "state"))


def test_the_declared_steps_are_in_the_order_of_the_commands_page():
    assert [step.name for step in steps.DAILY] == [
        *("import", "features", "score", "outcomes", "drift"),
        *("enrol", "track", "health", "retention"),
    ]


def test_every_declared_step_has_a_title_and_a_name_that_fits_its_column():
    for kind in Run.Kind.values:
        for step in steps.steps_of(kind):
            assert str(step.title)
            assert len(step.name) <= Step._meta.get_field("name").max_length


def test_steps_are_done_in_order_and_each_has_a_row_with_what_it_did(db, job):
    run = run_daily(as_of=DAY)
    assert job.done == ["first", "middle", "last"]
    assert run.state == "done"
    assert (run.started_at, run.ended_at, run.claim) != (None, None, "")
    row = run.steps.get(name="middle")
    assert (row.state, row.n_rows, row.n_attempts, row.error) == ("done", 2, 1, "")
    assert row.result == {"as_of": "2017-09-30"}
    assert row.started_at <= row.ended_at


def test_a_run_that_is_done_is_not_done_again(db, job):
    run_daily(as_of=DAY)
    again = run_daily(as_of=DAY)
    assert job.done == ["first", "middle", "last"]
    assert again.state == "done"
    assert Run.objects.count() == 1


@pytest.mark.parametrize("name", ["first", "middle", "last"])
def test_after_a_failure_the_next_start_goes_on_at_the_step_that_failed(db, job, name):
    job.failing[name] = [ValueError("the disk is full\nand more")]
    failed = run_daily(as_of=DAY)
    before = list(job.done)
    assert (failed.state, failed.error) == ("failed", f"{name}: ValueError: the disk is full")
    assert failed.steps.get(name=name).state == "failed"
    assert name not in before

    assert run_daily(as_of=DAY).state == "done"
    assert job.done == ["first", "middle", "last"]
    assert failed.steps.get(name=name).error == ""


def test_steps_after_a_failed_one_wait(db, job):
    job.failing["middle"] = [ValueError("no")]
    assert states(run_daily(as_of=DAY)) == {"first": "done", "middle": "failed", "last": "waiting"}


def test_a_refusal_is_kept_as_its_sentence_alone_and_the_traceback_beside_it(db, job):
    job.failing["first"] = [Refused("The model file is damaged.")]
    step = run_daily(as_of=DAY).steps.get(name="first")
    assert step.error == "The model file is damaged."
    assert "Traceback" in step.result["traceback"]


def test_a_lost_connection_is_tried_again_and_the_attempts_are_counted(db, job):
    job.failing["middle"] = [OperationalError("server closed the connection"), ConnectionError()]
    run = run_daily(as_of=DAY)
    assert run.state == "done"
    assert run.steps.get(name="middle").n_attempts == 3


def test_a_connection_that_stays_lost_fails_the_step_after_four_attempts(db, job):
    job.failing["middle"] = [OperationalError("gone")] * 9
    step = run_daily(as_of=DAY).steps.get(name="middle")
    assert (step.state, step.n_attempts, step.error) == ("failed", 4, "OperationalError: gone")


def test_attempts_wait_longer_each_time(monkeypatch):
    monkeypatch.setattr(daily, "FIRST_WAIT_SECONDS", 1.0)
    assert [daily.wait_before(n) for n in (1, 2, 3)] == [1, 4, 16]


def test_an_interrupted_run_is_let_go_and_can_be_started_again_at_once(db, job):
    job.failing["middle"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        run_daily(as_of=DAY)
    assert Run.objects.get().state == "failed"
    assert run_daily(as_of=DAY).state == "done"
    assert job.done == ["first", "middle", "last"]


def names():
    return ["first", "middle", "last"]


def test_a_run_that_gave_no_sign_of_life_for_long_is_taken_over_and_its_step_done_again(db, job):
    _run, claim = runs.claim(kind="daily", as_of=DAY, steps=names(), is_shared=True)
    claim.start(step="first")
    Run.objects.update(heartbeat_at=timezone.now() - runs.STALE_AFTER - dt.timedelta(seconds=1))
    assert run_daily(as_of=DAY).state == "done"
    assert job.done == ["first", "middle", "last"]


def test_a_run_whose_process_is_gone_is_taken_over_at_once(db, job):
    run, _claim = runs.claim(kind="daily", as_of=DAY, steps=names())
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    mine = str(os.getpid())
    Run.objects.update(claim=run.claim.replace(f"/{mine}/", f"/{gone.stdout.decode().strip()}/"))
    assert run_daily(as_of=DAY).state == "done"


def test_a_process_that_was_taken_over_can_change_nothing(db, job):
    _run, claim = runs.claim(kind="daily", as_of=DAY, steps=names(), is_shared=True)
    Run.objects.update(heartbeat_at=timezone.now() - runs.STALE_AFTER - dt.timedelta(seconds=1))
    _run, other = runs.claim(kind="daily", as_of=DAY, steps=names(), is_shared=True)
    assert other is not None
    for write in (
        claim.beat,
        claim.complete,
        lambda: claim.start(step="first"),
        lambda: claim.finish(step="first", n_rows=1, result={}),
        lambda: claim.fail(step="first", error="late"),
    ):
        with pytest.raises(TakenOverError):
            write()
    assert set(states(Run.objects.get()).values()) == {"waiting"}
    assert other.is_held()


def test_a_running_run_that_is_alive_is_not_claimed(db, job):
    runs.claim(kind="daily", as_of=DAY, steps=names(), is_shared=True)
    _run, second = runs.claim(kind="daily", as_of=DAY, steps=names(), is_shared=True)
    assert second is None


def test_a_sign_of_life_is_given_while_a_step_works(db, job, monkeypatch):
    beats = []
    monkeypatch.setattr(runs, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(runs.Claim, "beat", lambda self: beats.append(self.run_id))
    with runs.beating(runs.Claim(run_id=7, token="t")):
        for _ in range(500):
            if len(beats) > 2:
                break
            threading.Event().wait(0.01)
    assert beats[:2] == [7, 7]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_date_at_once_end_as_one(job):
    together = threading.Barrier(2)
    ended = []

    def start():
        together.wait()
        try:
            ended.append(run_daily(as_of=DAY).state)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == ["done", "done"]
    assert job.done == ["first", "middle", "last"]
    assert Run.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_runs_reports_the_failure_of_the_first_without_doing_it_again(job):
    job.failing["last"] = [ValueError("no")] * 2
    _run, claim = runs.claim(kind="daily", as_of=DAY, steps=names())
    ended = []

    def second():
        try:
            ended.append(run_daily(as_of=DAY).error)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    while not Step.objects.filter(name="first").exists():
        pass
    threading.Event().wait(0.2)
    claim.fail(step="last", error="no")
    thread.join()
    assert ended == ["last: no"]
    assert job.done == []


def test_a_refused_step_keeps_its_sentence_for_readers_of_any_language(db, job, client):
    job.failing["middle"] = [Refused(gettext("There is no such customer."))]
    run = run_daily(as_of=DAY)
    assert run.error == "middle: There is no such customer."
    client.force_login(User.objects.create_superuser("boss"))
    for address in ("admin:customers_run_changelist", "admin:customers_run_change"):
        args = [run.pk] if address.endswith("_change") else []
        shown = client.get(reverse(address, args=args), headers={"Accept-Language": "zh-hans"}).content.decode()
        assert "没有这位客户。" in shown
        assert "There is no such customer" not in shown
