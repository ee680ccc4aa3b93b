"""The API as the contract tests call it: as the user of a browser, with the keys of the rows that are there."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from customers.models import Job, Webhook
from experiments.models import Analysis, Experiment

__all__ = ["BODIES", "NAMESPACE", "called", "holds_of", "told_of"]

NAMESPACE = "api:"
ROWS = {"experiment": Experiment, "analysis": Analysis, "job": Job, "webhook": Webhook}
# What a POST is sent that names customers without storing anything.
BODIES = {
    "api:predictions_lookup": lambda customer: {"customer_ids": [customer]},
}


def called(browser: Client, name: str, wanted: set[str], customer: str) -> HttpResponse:
    """The answer to a GET, or to a POST that only reads; `wanted` are the parameters of the address."""
    address = reverse(name, kwargs={one: _key(name, one, customer) for one in wanted})
    client = APIClient(raise_request_exception=False)
    request = HttpRequest()
    request.session = browser.session  # type: ignore[assignment]
    client.force_authenticate(get_user(request))  # type: ignore[arg-type]
    if name in BODIES:
        return client.post(address, BODIES[name](customer), format="json")
    return client.get(address)


def holds_of(text: str, customer: str) -> list[Any]:
    """What an answer says beside a customer of being held back; of a customer's own address the whole answer."""
    return [one["held_back"] for one in _objects(json.loads(text)) if one.get("customer_id") == customer]


def told_of(text: str) -> set[str]:
    """The customers of whom an answer tells something, more than that nobody is known by an ID that was sent."""
    return {one["customer_id"] for one in _objects(json.loads(text)) if "customer_id" in one}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one)


def _key(name: str, parameter: str, customer: str) -> object:
    if parameter == "customer_id":
        return customer
    what = parameter if parameter != "id" else name.removeprefix(NAMESPACE).split("_")[0]
    return ROWS[what].objects.values_list("pk", flat=True)[0]
