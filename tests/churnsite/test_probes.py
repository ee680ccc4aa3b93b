"""What whoever watches the system is told."""

import datetime as dt
import re

import pytest
from django.db import OperationalError
from django.utils import timezone

from churnsite import probes
from customers.clock import business_date
from customers.models import Job, Run
from tests import face

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_order():
    face.model_version()
    now = timezone.now()
    return Run.objects.create(kind="daily", as_of=business_date(), state="done", started_at=now, ended_at=now)


def checks(client) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_it_is_alive_without_asking_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_everything_is_in_order(client, in_order):
    assert checks(client) == (200, dict.fromkeys(probes.CHECKS, "ok"))


def test_a_new_system_says_what_is_missing(client):
    status, found = checks(client)
    assert status == 503
    assert (found["database"], found["champion_model"], found["daily_run"]) == ("ok", "no model", "never ran")


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [(1, "done", "ok"), (2, "done", "late"), (0, "failed", "failed"), (0, "running", "ok")],
)
def test_a_daily_run_that_is_late_or_failed_is_told(client, in_order, days, state, said):
    Run.objects.update(as_of=business_date() - dt.timedelta(days=days), state=state)
    assert checks(client)[1]["daily_run"] == said


def test_a_database_that_does_not_answer_is_told_without_its_words(client, in_order, monkeypatch):
    def broken() -> str:
        raise OperationalError("password of user admin")

    monkeypatch.setitem(probes.CHECKS, "database", broken)
    status, found = checks(client)
    assert (status, found["database"]) == (503, "no answer")


@pytest.mark.redis
def test_a_broker_that_does_not_answer_is_told(client, in_order, settings):
    assert checks(client)[1]["broker"] == "ok"
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    assert checks(client)[1]["broker"] == "no answer"


def figure(text: str, name: str) -> float:
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])


def test_the_figures_tell_how_things_stand(client, in_order):
    Job.objects.create(kind="a", state="waiting")
    text = client.get("/metrics").content.decode()
    assert figure(text, 'shanjiaxia_jobs{state="waiting"}') == 1
    assert 0 <= figure(text, "shanjiaxia_last_daily_run_seconds") < 600
    assert figure(text, "shanjiaxia_rows_waiting") == 0


def test_requests_are_counted_by_route_and_never_by_address(client, in_order):
    client.get("/api/v1/jobs/00000000-0000-4000-8000-00000000cafe/")
    text = client.get("/metrics").content.decode()
    assert 'route="api/v1/jobs/<uuid:id>/"' in text
    assert "cafe" not in text


def test_only_this_machine_reads_the_figures_without_the_token(client, settings):
    settings.METRICS_TOKEN = "t0ken"
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.8").status_code == 403
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="10.0.0.8").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.8", HTTP_AUTHORIZATION="Bearer t0ken").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.8", HTTP_AUTHORIZATION="Bearer t0kem").status_code == 403


def test_without_a_token_a_stranger_reads_nothing(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.8", HTTP_AUTHORIZATION="Bearer ").status_code == 403
