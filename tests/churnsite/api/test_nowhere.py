"""Addresses that no endpoint has."""

import pytest

from customers.rest.problems import MEDIA_TYPE

pytestmark = pytest.mark.urls("churnsite.urls")


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
@pytest.mark.parametrize("path", ["nowhere/", "nowhere", "jobs/7/", "experiments/x/start/"])
def test_what_is_not_there_is_a_problem_document(client, settings, debug, method, path):
    settings.DEBUG = debug
    answer = getattr(client, method)(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE)
    assert (answer.json()["status"], answer.json()["title"]) == (404, "Not Found")


@pytest.mark.parametrize("debug", [True, False])
def test_a_post_without_the_last_slash_finds_nothing(client, settings, debug):
    settings.DEBUG = debug
    answer = client.post("/api/v1/customers", {}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (404, MEDIA_TYPE)


def test_a_reader_without_the_last_slash_is_sent_on(client):
    answer = client.get("/api/v1/customers?page_size=2")
    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/customers/?page_size=2")
