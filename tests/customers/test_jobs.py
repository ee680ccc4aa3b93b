"""Work in the background: queued once, done once, with its progress, its result or its error."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.utils import timezone

from customers import jobs
from customers.commands import Refused
from customers.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
SEEN: list[int] = []


@jobs.background("tests.double")
def double(job, *, n: int) -> dict[str, int]:
    SEEN.append(n)
    job(1, 2)
    job(2, 2)
    return {"n": 2 * n}


@jobs.background("tests.refused")
def refused(job) -> None:
    raise Refused("It is too late.")


@jobs.background("tests.broken")
def broken(job) -> None:
    raise ValueError("Zhang San, 13800000000")


@jobs.background("tests.no_database")
def no_database(job) -> None:
    raise OperationalError("gone")


@pytest.fixture(autouse=True)
def forget():
    SEEN.clear()


def test_a_job_keeps_who_started_it_how_far_it_is_and_its_result():
    user = User.objects.create(username="ann")
    job = Job.objects.get(pk=jobs.start(double, user=user, n=4).pk)
    assert (job.state, job.result, job.n_done, job.n_total, job.created_by) == ("done", {"n": 8}, 2, 2, user)
    assert job.started_at <= job.ended_at


def test_a_job_that_is_delivered_twice_is_done_once():
    job = jobs.start(double, n=1)
    assert double.delay(str(job.pk)).get() == "left alone"
    assert SEEN == [1]


def test_a_job_whose_worker_died_is_taken_up_again():
    job = Job.objects.create(kind="tests.double", arguments={"n": 3}, state="running", heartbeat_at=timezone.now())
    assert double.delay(str(job.pk)).get() == "left alone"
    Job.objects.update(heartbeat_at=timezone.now() - jobs.DEAD_AFTER - dt.timedelta(seconds=1))
    assert double.delay(str(job.pk)).get() == "done"


def test_a_refusal_is_told_in_its_sentence():
    job = Job.objects.get(pk=jobs.start(refused).pk)
    assert (job.state, job.error) == ("failed", "It is too late.")


def test_a_fault_is_told_by_its_name_without_what_it_says_of_a_person():
    job = Job.objects.get(pk=jobs.start(broken).pk)
    assert (job.state, job.error) == ("failed", "ValueError")


def test_a_fault_of_the_database_is_tried_again_and_fails_in_the_end(monkeypatch):
    job = Job.objects.get(pk=jobs.start(no_database).pk)
    assert (job.state, job.error) == ("failed", "OperationalError")


def test_a_job_of_a_transaction_that_is_undone_is_never_begun():
    with transaction.atomic():
        jobs.start(double, n=1)
        transaction.set_rollback(True)
    assert SEEN == []
    assert not Job.objects.exists()
