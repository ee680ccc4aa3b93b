"""The page of a job: how it stands in words, asked for again while it is under way, and nobody else's."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from customers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    user = User.objects.create_user("clerk", is_staff=True)
    client.force_login(user)
    return user


def page(client, job):
    return client.get(reverse("admin:customers_job_change", args=[job.pk]))


def test_a_job_that_runs_is_asked_for_again_until_it_is_done(client, clerk):
    now = timezone.now()
    job = Job.objects.create(kind="x.y", created_by=clerk, state="running", heartbeat_at=now, n_done=2, n_total=4)
    answer = page(client, job)
    assert answer["Refresh"] == "3"
    assert "It is under way." in answer.content.decode()
    Job.objects.update(state="done", result={"n": 1})
    assert "Refresh" not in page(client, job)
    assert "It is done." in page(client, job).content.decode()


def test_one_whose_worker_died_says_what_to_do_and_is_not_asked_for_again(client, clerk):
    long_ago = timezone.now() - dt.timedelta(hours=1)
    job = Job.objects.create(kind="x.y", created_by=clerk, state="running", heartbeat_at=long_ago)
    answer = page(client, job)
    assert "It has shown no sign of life for ten minutes; start it again." in answer.content.decode()
    assert "Refresh" not in answer


def test_one_that_waits_for_long_still_waits(client, clerk):
    job = Job.objects.create(kind="x.y", created_by=clerk, created_at=timezone.now() - dt.timedelta(hours=1))
    answer = page(client, job)
    assert "It waits for its turn." in answer.content.decode()
    assert answer["Refresh"] == "3"


def test_a_failed_one_says_why(client, clerk):
    job = Job.objects.create(kind="x.y", created_by=clerk, state="failed", error="It is too late.")
    assert "It is too late." in page(client, job).content.decode()


def test_somebody_elses_job_is_not_shown(client, clerk):
    job = Job.objects.create(kind="x.y", created_by=User.objects.create_user("other"), state="failed", error="secret")
    answer = client.get(reverse("admin:customers_job_change", args=[job.pk]), follow=True)
    assert "secret" not in answer.content.decode()


def test_a_job_is_called_what_its_app_calls_it(client, clerk):
    result = {"n_new": 3, "as_of": "2026-03-02"}
    Job.objects.create(kind="experiments.enrol", created_by=clerk, state="done", result=result)
    text = client.get(reverse("admin:customers_job_changelist")).content.decode()
    assert "Enrol now" in text
    assert "3 customers were enrolled" in page(client, Job.objects.get()).content.decode()


def test_a_large_export_has_a_title_and_says_how_many_rows_it_has(client, clerk):
    job = Job.objects.create(kind="customers.export_list", created_by=clerk, state="done", result={"rows": 2_500})
    text = page(client, job).content.decode()
    assert "Download a large list" in text
    assert "A file with 2,500 rows was made." in text
