"""Webhooks and jobs over the API."""

import pytest

from customers.models import Job, Webhook
from tests.customers.rest.callers import machine, person

pytestmark = pytest.mark.django_db
BODY = {"url": "https://8.8.8.8/events", "kinds": ["health.alert", "treatments.ready", "health.alert"]}
ALL = [f"customers.{verb}_webhook" for verb in ("view", "add", "delete")]


@pytest.fixture
def engineer():
    return person(*ALL)


def test_the_secret_is_told_once(engineer):
    made = engineer.post("/api/v1/webhooks/", BODY, format="json")
    assert made.status_code == 201
    assert made.json()["kinds"] == ["health.alert", "treatments.ready"]
    row = Webhook.objects.get()
    assert (made.json()["secret"], row.created_by) == (row.secret, engineer.user)
    for address in ("/api/v1/webhooks/", made.headers["Location"]):
        assert row.secret not in engineer.get(address).content.decode()
        assert str(row.pk) in engineer.get(address).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "https://127.0.0.1/"), ("url", "http://a.example/"), ("url", "x"), ("kinds", []), ("kinds", ["test"])],
)
def test_what_is_wrong_with_a_webhook_is_named(engineer, settings, field, value):
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    answer = engineer.post("/api/v1/webhooks/", BODY | {field: value}, format="json")
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert not Webhook.objects.exists()


def test_a_webhook_that_is_deleted_is_gone(engineer):
    address = engineer.post("/api/v1/webhooks/", BODY, format="json").headers["Location"]
    assert engineer.delete(address).status_code == 204
    assert engineer.get(address).status_code == 404


def test_machines_make_no_webhooks():
    client = machine("customers:read", "customers:write", "health:read")
    assert client.post("/api/v1/webhooks/", BODY, format="json").status_code == 403


def test_a_job_tells_how_far_it_is():
    job = Job.objects.create(kind="experiments.analyse", state="running", n_done=3, n_total=9)
    answer = person("customers.view_job").get(f"/api/v1/jobs/{job.pk}/")
    assert (answer.json()["state"], answer.json()["n_done"], answer.json()["n_total"]) == ("running", 3, 9)
    assert person(username="bob").get(f"/api/v1/jobs/{job.pk}/").status_code == 403
