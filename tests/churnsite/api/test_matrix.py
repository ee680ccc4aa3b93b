"""The matrix of roles × endpoints × methods: made from the addresses, held against the table of who may do what.

A new endpoint has no line in the table and fails; one that forgets its rule is closed, and fails too.
"""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.urls import URLPattern, get_resolver
from rest_framework.test import APIClient

from churnsite.api.nowhere import Nowhere
from churnsite.roles import ROLES
from customers.rest import counting, keys
from customers.rest.rules import Scope
from tests.churnsite.api.table import ANYBODY, TABLE
from tests.customers.rest.callers import machine

pytestmark = pytest.mark.django_db
PREFIX = "api/v1/"
PLACES = {"id": 0, "analysis": 0, "customer_id": "nobody", "path": "nobody"}
PEOPLE = [role.name for role in ROLES]
MACHINES = [scope.value for scope in Scope]


def endpoints(resolver=None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address below api/v1/, as the table has it; what answers all others is none."""
    for one in (resolver or get_resolver()).url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            if route.startswith(PREFIX) and one.callback.view_class is not Nowhere:
                yield route.removeprefix(PREFIX), one
        else:
            yield from endpoints(one, route)


ENDPOINTS = dict(endpoints())


def methods(pattern: URLPattern) -> set[str]:
    view = pattern.callback.view_class
    names = {name.upper() for name in view.http_method_names if hasattr(view, name)}
    return names - {"OPTIONS", "HEAD", "TRACE"}


CELLS = [(route, method) for route, pattern in ENDPOINTS.items() for method in sorted(methods(pattern))]


def address(route: str) -> str:
    """Of nothing that is there: a caller who may call gets 404 or a complaint of what was sent."""
    filled = route
    for kind, name in [
        ("uuid", "id"),
        ("int", "id"),
        ("int", "analysis"),
        ("customer", "customer_id"),
        ("path", "customer_id"),
    ]:
        value = "00000000-0000-4000-8000-000000000000" if kind == "uuid" else PLACES[name]
        filled = filled.replace(f"<{kind}:{name}>", str(value))
    assert "<" not in filled, f"what stands in the places of {route}?"
    return f"/{PREFIX}{filled}"


@pytest.fixture(autouse=True)
def uncounted(settings):
    settings.API_REQUESTS_PER_MINUTE = settings.API_LOGINS_PER_MINUTE = 10**6
    counting.forget()
    keys.forget()


def member(role: str) -> APIClient:
    user = User.objects.create(username=role or "nobody", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = APIClient()
    client.force_authenticate(user)
    return client


def is_let_in(client: APIClient, route: str, method: str) -> bool:
    client.raise_request_exception = False
    answer = client.generic(method, address(route), b"{}", content_type="application/json")
    assert answer.status_code != 405
    assert answer.status_code < 500, answer.content
    return answer.status_code not in (401, 403) or (ANYBODY in TABLE[route][method] and answer.status_code == 401)


@pytest.mark.parametrize(("route", "method"), CELLS)
def test_an_endpoint_has_a_line_in_the_table(route, method):
    assert method in TABLE.get(route, {}), f"who may {method} {route}?"


def test_the_table_has_no_line_of_what_is_not_there():
    assert {(route, method) for route, by_method in TABLE.items() for method in by_method} == set(CELLS)


@pytest.mark.parametrize("role", ["", *PEOPLE])
def test_a_person_may_call_what_the_table_says(role):
    client = member(role)
    may = {cell for cell in CELLS if is_let_in(client, *cell)}
    assert may == {(route, method) for route, method in CELLS if {role, ANYBODY} & set(TABLE[route][method])}


@pytest.mark.parametrize("scope", ["", *MACHINES])
def test_a_machine_may_call_what_its_scope_says(scope):
    client = machine(*([scope] if scope else []))
    may = {cell for cell in CELLS if is_let_in(client, *cell)}
    assert may == {(route, method) for route, method in CELLS if {scope, ANYBODY} & set(TABLE[route][method])}


def test_whoever_shows_nothing_may_call_what_anybody_may():
    client = APIClient()
    may = {cell for cell in CELLS if is_let_in(client, *cell)}
    assert may == {(route, method) for route, method in CELLS if ANYBODY in TABLE[route][method]}


@pytest.mark.parametrize(("route", "method"), CELLS)
def test_an_endpoint_says_its_rule_itself(route, method):
    assert method in ENDPOINTS[route].callback.view_class.rules
