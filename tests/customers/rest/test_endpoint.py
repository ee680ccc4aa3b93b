"""What every endpoint shares, tried on endpoints of the tests' own."""

import datetime as dt
import threading

import pytest
from django.test import override_settings
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from customers.commands import Refused
from customers.models import Answer, ApiKey, AuditEntry, Customer, UserScope
from customers.rest import answers, counting, keys, pages
from customers.rest.rules import PUBLIC, Rule, Scope
from customers.rest.strict import Strict
from customers.rest.views import Endpoint
from tests.customers.rest.callers import machine, person

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
RULE = Rule(permission="customers.view_customer", scope=Scope.CUSTOMERS_READ)


class Arm(Strict):
    share = serializers.FloatField(max_value=1)


class Sent(Strict):
    name = serializers.CharField(max_length=20)
    arms = Arm(many=True, required=False)


class Things(Endpoint):
    """Customers by page, and one more by POST."""

    rules = {"GET": RULE, "POST": RULE}
    parameters = {"GET": pages.PageQuery}
    body = {"POST": Sent}

    def get(self, request):
        rows = self.visible(Customer.objects.all(), "pk")
        order = ("-registered_on", "customer_id")
        return Response(
            pages.page(
                rows,
                request=request,
                query=self.query,
                order=order,
                shown=lambda found: [one.customer_id for one in found],
            )
        )

    def post(self, request):
        sent = self.checked(request)
        if sent["name"] == "refuse":
            raise Refused("It is too late.")
        if sent["name"] == "break":
            Customer.objects.create(customer_id="broken", registered_on=dt.date(2020, 1, 1))
            raise RuntimeError("no")
        Customer.objects.create(customer_id=sent["name"], registered_on=dt.date(2020, 1, 1))
        return Response({"n": Customer.objects.count()}, status=201, headers={"Location": "/here/"})


class Closed(Endpoint):
    """Forgot its rules."""

    def get(self, request):
        return Response("open")


class Open(Endpoint):
    """For anybody."""

    rules = {"GET": PUBLIC}

    def get(self, request):
        return Response("open")


urlpatterns = [
    path("things/", Things.as_view()),
    path("closed/", Closed.as_view()),
    path("open/", Open.as_view()),
]


@pytest.fixture(autouse=True)
def nobody_counted():
    counting.forget()
    keys.forget()


@pytest.fixture
def crm():
    return machine("customers:read")


def problem(response, status):
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    return body


def test_nobody_is_let_in_without_a_key_and_is_told_how(client):
    response = client.get("/things/")
    problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "Api-Key"


def test_a_key_opens_what_its_scopes_name(crm):
    assert crm.get("/things/").status_code == 200
    problem(machine("health:read").get("/things/"), 403)


def test_a_person_needs_the_permission():
    assert person("customers.view_customer").get("/things/").status_code == 200
    problem(person(username="bob").get("/things/"), 403)


def test_an_endpoint_without_a_rule_is_closed_to_everybody(crm, admin_user):
    boss = APIClient()
    boss.force_authenticate(admin_user)
    assert [one.get("/closed/").status_code for one in (crm, boss)] == [403, 403]
    assert APIClient().get("/open/").status_code == 200


@pytest.mark.parametrize("text", ["Api-Key", "Api-Key a b", "Api-Key sjx_wrong", "Api-Key \u00e9"])
def test_a_key_that_is_none_is_refused(text):
    problem(APIClient().get("/open/", HTTP_AUTHORIZATION=text), 401)


def test_a_key_is_kept_as_its_hash_only():
    key, text = keys.make(name="CRM", scopes=[])
    assert text not in str(ApiKey.objects.values().get())
    assert text[4:12] == key.prefix


def test_a_key_ends_when_it_expires_and_when_it_is_revoked(crm):
    assert crm.get("/things/").status_code == 200
    keys.revoke(crm.key)
    problem(crm.get("/things/"), 401)
    problem(machine("customers:read", expires_at=timezone.now()).get("/things/"), 401)


def test_a_known_key_costs_no_query(crm, django_assert_num_queries):
    crm.get("/things/")
    with django_assert_num_queries(1):
        crm.get("/things/")


def test_a_key_and_its_successor_are_valid_together_for_a_while(crm):
    successor, text = keys.replace(crm.key)
    other = APIClient()
    other.credentials(HTTP_AUTHORIZATION=f"Api-Key {text}")
    assert [one.get("/things/").status_code for one in (crm, other)] == [200, 200]
    assert successor.scopes == ["customers:read"]
    ApiKey.objects.filter(pk=crm.key.pk).update(expires_at=timezone.now())
    keys.forget()
    assert [one.get("/things/").status_code for one in (crm, other)] == [401, 200]


def test_unknown_parameters_fields_and_nested_fields_are_named(crm):
    assert problem(crm.get("/things/?size=3"), 400)["errors"][0]["field"] == "size"
    sent = {"name": "a", "nmae": "b", "arms": [{"share": 0.5}, {"share": 2, "shrae": 1}]}
    errors = problem(crm.post("/things/", sent, format="json"), 400)["errors"]
    assert {one["field"] for one in errors} == {"nmae", "arms.1.share", "arms.1.shrae"}


@pytest.mark.parametrize("sent", [{"name": 5}, {"name": True}, {"name": "a", "arms": [{"share": "0.5"}]}])
def test_a_value_of_another_type_is_refused_and_not_turned(crm, sent):
    (error,) = problem(crm.post("/things/", sent, format="json"), 400)["errors"]
    assert error["code"] == "type"
    assert not Customer.objects.exists()


@pytest.mark.parametrize("body", [b"{", b'{"name": "\\ud800"}', b'{"name": NaN}', b"\xff"])
def test_what_is_no_json_is_refused(crm, body):
    problem(crm.generic("POST", "/things/", body, content_type="application/json"), 400)


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'{"name": "\\u0000"}', b""])
def test_json_of_another_form_is_refused(crm, body):
    problem(crm.generic("POST", "/things/", body, content_type="application/json"), 400)


def test_a_refusal_of_the_work_is_a_conflict_with_its_sentence(crm):
    assert problem(crm.post("/things/", {"name": "refuse"}, format="json"), 409)["detail"] == "It is too late."


def test_methods_that_are_not_there_are_named(crm):
    response = crm.delete("/things/")
    problem(response, 405)
    assert response.headers["Allow"] == "GET, POST, HEAD"


def _customers(n: int) -> None:
    Customer.objects.bulk_create(
        Customer(customer_id=f"c{i:03}", registered_on=dt.date(2020, 1, 1 + i % 3)) for i in range(n)
    )


def test_somebody_limited_to_a_region_sees_only_that_also_with_a_token():
    for name, region in (("a", "East"), ("b", "West")):
        Customer.objects.create(customer_id=name, registered_on=dt.date(2020, 1, 1), region=region)
    user = person("customers.view_customer").user
    UserScope.objects.create(user=user, regions=["East"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {RefreshToken.for_user(user).access_token}")
    assert client.get("/things/").json()["results"] == ["a"]


def test_what_a_machine_writes_is_recorded_under_its_key(crm):
    _post(crm)
    entry = AuditEntry.objects.get(table="customers_customer")
    assert (entry.key, entry.via, entry.user) == ("CRM", "api", None)


@pytest.mark.parametrize("n", [0, 1, 10, 11, 23])
def test_pages_forward_and_back_show_each_row_once(crm, n):
    _customers(n)
    seen, address, backward = [], "/things/?page_size=10", []
    while address:
        body = crm.get(address).json()
        seen += body["results"]
        last, address = body, body["next"]
    whole = list(Customer.objects.order_by("-registered_on", "customer_id").values_list("customer_id", flat=True))
    assert seen == whole
    while last:
        backward = last["results"] + backward
        last = crm.get(last["previous"]).json() if last["previous"] else None
    assert backward == whole


def test_rows_that_come_meanwhile_shift_nothing(crm):
    _customers(20)
    first = crm.get("/things/?page_size=10").json()
    Customer.objects.create(customer_id="new", registered_on=dt.date(2021, 1, 1))
    second = crm.get(first["next"]).json()
    assert len({*first["results"], *second["results"]}) == 20


@pytest.mark.parametrize("query", ["page_size=0", "page_size=501", "page_size=x", "cursor=", "cursor=%00"])
def test_a_page_that_cannot_be_is_refused(crm, query):
    problem(crm.get(f"/things/?{query}"), 400)


@pytest.mark.parametrize("values", [(1, 2), ("soon", "a"), ("2020-01-01",), ("2020-01-01", "a", "b")])
def test_a_cursor_of_another_list_leads_to_no_page(crm, values):
    problem(crm.get("/things/", {"cursor": pages.written(pages.Cursor(values=values))}), 404)


@pytest.mark.parametrize("name", ["a\x00", "9" * 5000])
def test_a_made_up_cursor_breaks_nothing(crm, name):
    text = pages.written(pages.Cursor(values=("2020-01-01", name)))
    assert crm.get("/things/", {"cursor": text}).status_code in (200, 404)


@pytest.mark.parametrize("text", ["W10", "0", "x", "bnVsbA", "eyJhIjoxfQ", "éé"])
def test_what_is_no_cursor_leads_to_no_page(crm, text):
    problem(crm.get("/things/", {"cursor": text}), 404)


def test_more_requests_than_allowed_are_told_when_to_come_back(monkeypatch):
    client = machine("customers:read", requests_per_minute=2)
    monkeypatch.setattr("time.time", lambda: 120.0)
    statuses = [client.get("/things/").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    response = client.get("/things/")
    problem(response, 429)
    assert 1 <= int(response.headers["Retry-After"]) <= 61
    monkeypatch.setattr("time.time", lambda: 181.0)
    assert client.get("/things/").status_code == 200


def _post(client, name="a", key="k1"):
    return client.post("/things/", {"name": name}, format="json", headers={"Idempotency-Key": key})


def test_a_call_sent_again_does_nothing_and_gets_the_first_answer(crm):
    first, second = _post(crm), _post(crm)
    assert (first.status_code, first.json()) == (201, {"n": 1})
    assert (second.status_code, second.json(), second.headers["Location"]) == (201, {"n": 1}, "/here/")
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Customer.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(crm):
    _post(crm)
    assert problem(_post(crm, name="b"), 422)["type"].endswith("idempotency_key_reused")


def test_keys_of_two_callers_are_two_keys(crm):
    _post(crm)
    assert _post(machine("customers:read"), name="b").json() == {"n": 2}


def test_after_an_error_the_same_key_may_come_with_the_body_mended(crm):
    assert _post(crm, name="n" * 21).status_code == 400
    assert _post(crm, name="refuse").status_code == 409
    assert _post(crm, name="a").status_code == 201


def test_a_call_that_breaks_leaves_nothing_behind(crm):
    crm.raise_request_exception = False
    assert _post(crm, name="break").status_code == 500
    assert not Customer.objects.exists()
    assert not Answer.objects.exists()


def test_a_kept_answer_is_let_go_after_a_day(crm):
    _post(crm)
    Answer.objects.update(created_at=timezone.now() - answers.KEPT - dt.timedelta(seconds=1))
    assert _post(crm, name="b").status_code == 201
    Answer.objects.update(created_at=timezone.now() - answers.KEPT - dt.timedelta(seconds=1))
    assert answers.expire() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256])
def test_a_key_that_is_none_of_ascii_is_refused(crm, key):
    problem(_post(crm, key=key), 400)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_calls_at_the_same_time_do_the_work_once():
    client = machine("customers:read")
    found = []

    def call():
        from django.db import connection

        own = APIClient()
        own.credentials(**client._credentials)
        found.append(_post(own).json())
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [{"n": 1}] * 4
    assert Customer.objects.count() == 1


@override_settings(LANGUAGE_CODE="en")
def test_a_problem_repeats_nothing_that_was_sent(crm):
    response = crm.post("/things/", {"name": "Zhang San 13800000000 " * 3}, format="json")
    assert "Zhang" not in str(problem(response, 400))
