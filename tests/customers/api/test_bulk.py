"""Many rows in one call: an answer for each, nothing twice, and all or nothing only where it is asked for."""

import threading

import pytest
from django.db import connection

from customers.models import Customer, ImportFile, Intervention, Link, SetAsideRow, Transaction, UserScope
from customers.rest import counting, keys
from tests.customers.rest.callers import machine, person

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/transactions/bulk/"


@pytest.fixture(autouse=True)
def nobody_counted():
    counting.forget()
    keys.forget()


@pytest.fixture
def crm():
    return machine("customers:write")


@pytest.fixture
def known():
    Customer.objects.bulk_create(Customer(customer_id=f"c{i}", registered_on="2020-01-01") for i in range(3))


def bought(number, **cells):
    given = {"transaction_id": f"t{number}", "customer_id": "c0", "occurred_at": "2024-05-01T10:00:00+08:00"}
    return {**given, "amount": "12.50", **cells}


def sent(client, rows, address=ADDRESS, **options):
    return client.post(address, {"rows": rows}, format="json", **options)


def results(response):
    assert response.status_code == 200, response.content
    return [row["result"] for row in response.json()["rows"]]


def test_each_row_has_an_answer_with_its_reasons(crm, known):
    response = sent(crm, [bought(1), bought(2, amount="-1", occurred_at="soon"), bought(3, customer_id="who")])
    assert results(response) == ["added", "set_aside", "set_aside"]
    body = response.json()
    assert [body[name] for name in ("read", "added", "updated", "unchanged", "set_aside")] == [3, 1, 0, 0, 2]
    good, bad, waiting = body["rows"]
    assert good == {"line": 1, "id": "t1", "result": "added", "reasons": []}
    assert {(why["column"], why["code"]) for why in bad["reasons"]} == {
        ("amount", "not_positive"),
        ("occurred_at", "not_time"),
    }
    assert [why["message"] for why in bad["reasons"] if why["column"] == "amount"] == ["is not above 0"]
    assert [(why["column"], why["code"]) for why in waiting["reasons"]] == [("customer_id", "unknown_customer")]
    assert Transaction.objects.get().transaction_id == "t1"
    assert SetAsideRow.objects.count() == 2


def test_reasons_are_in_the_callers_language(crm, known):
    (row,) = sent(crm, [bought(1, amount="0")], HTTP_ACCEPT_LANGUAGE="zh-hans").json()["rows"]
    assert row["reasons"][0]["message"] != "is not above 0"


def test_rows_sent_again_are_unchanged_and_changed_ones_updated(crm, known):
    sent(crm, [bought(1), bought(2)])
    assert results(sent(crm, [bought(1), bought(2, amount=13)])) == ["unchanged", "updated"]
    assert Transaction.objects.count() == 2


def test_a_row_that_waits_goes_in_once_its_customer_comes(crm, known):
    sent(crm, [bought(1, customer_id="late")])
    assert not Transaction.objects.exists()
    crm.post("/api/v1/customers/", {"customer_id": "late", "registered_on": "2024-01-01"}, format="json")
    assert Transaction.objects.get().customer.customer_id == "late"


def test_atomic_stores_all_or_nothing_and_names_the_rows(crm, known):
    response = sent(crm, [bought(1), bought(2, amount="0")], ADDRESS + "?atomic=true")
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"field": "rows.1.amount", "code": "not_positive", "message": "is not above 0"}
    ]
    assert not Transaction.objects.exists()
    assert not SetAsideRow.objects.exists()
    assert not ImportFile.objects.exists()
    assert results(sent(crm, [bought(1), bought(2)], ADDRESS + "?atomic=true")) == ["added", "added"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "rows"),
        ({}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": [bought(1)] * 5001}, "rows"),
        ({"rows": [bought(1)], "row": 1}, "row"),
        ({"rows": [bought(1), 7]}, "rows.1"),
        ({"rows": [bought(1, colour="red")]}, "rows.0.colour"),
        ({"rows": [bought(1, status=["completed"])]}, "rows.0.status"),
    ],
)
def test_a_body_of_another_form_stores_nothing(crm, known, body, field):
    response = crm.post(ADDRESS, body, format="json")
    assert response.status_code == 400
    assert field in {error["field"] for error in response.json()["errors"]}
    assert not Transaction.objects.exists()


def test_numbers_and_odd_ids_are_taken_as_text(crm, known):
    assert results(sent(crm, [bought(1, transaction_id=7007.0, amount=9.1), bought(2, transaction_id="a/b ?é猫")])) == [
        "added",
        "added",
    ]
    assert set(Transaction.objects.values_list("transaction_id", flat=True)) == {"7007", "a/b ?é猫"}


def test_control_characters_and_nul_are_set_aside(crm, known):
    response = sent(crm, [bought(1, transaction_id="a\x00b"), bought(2, product_category="x\x07")])
    assert results(response) == ["set_aside", "set_aside"]


@pytest.mark.parametrize(
    ("kind", "row", "n"),
    [
        ("interactions", {"interaction_id": "i1", "occurred_at": "2024-05-01", "kind": "login"}, 1),
        ("links", {"friend_id": "c1", "since": "2024-05-01"}, 1),
        ("sales", {"deal_id": "d1", "deal_date": "2024-05-01", "deal_amount": 10}, 1),
        ("support", {"ticket_id": "k1", "created_date": "2024-05-01"}, 1),
        ("activity", {"date": "2024-05-01", "activity_type": "login", "usage_depth": 0.5}, 1),
    ],
)
def test_every_kind_of_rows_comes_in_and_comes_twice_once(crm, known, kind, row, n):
    address = f"/api/v1/{kind}/bulk/"
    assert results(sent(crm, [{"customer_id": "c0", **row}], address)) == ["added"]
    assert results(sent(crm, [{"customer_id": "c0", **row}], address)) == ["unchanged"]
    assert Link.objects.count() == (1 if kind == "links" else 0)


def test_interventions_have_a_scope_of_their_own(crm, known):
    row = {"intervention_id": "m1", "customer_id": "c0", "kind": "call", "occurred_at": "2024-05-01", "cost": 2}
    assert sent(crm, [row], "/api/v1/interventions/bulk/").status_code == 403
    assert results(sent(machine("interventions:write"), [row], "/api/v1/interventions/bulk/")) == ["added"]
    assert Intervention.objects.get().cost == 2


def test_a_person_who_sees_only_some_customers_brings_in_none(known):
    ann = person("customers.change_transaction")
    assert results(sent(ann, [bought(1)])) == ["added"]
    UserScope.objects.create(user=ann.user, regions=["East"])
    ann.user.refresh_from_db()
    assert sent(ann, [bought(2)]).status_code == 403
    assert Transaction.objects.count() == 1


def test_a_repeated_call_gets_the_first_answer_again(crm, known):
    first = sent(crm, [bought(1)], HTTP_IDEMPOTENCY_KEY="k1")
    again = sent(crm, [bought(1)], HTTP_IDEMPOTENCY_KEY="k1")
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert ImportFile.objects.count() == 1


def test_the_number_of_queries_does_not_grow_with_the_rows(crm, known, django_assert_max_num_queries):
    # One INSERT a row into the stage on SQLite is one call of executemany.
    sent(crm, [bought(0)])
    with django_assert_max_num_queries(27):
        sent(crm, [bought(i) for i in range(400)])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_add_each_row_once(known):
    clients = [machine("customers:write") for _ in range(2)]
    told = []

    def call(client):
        told.append(sent(client, [bought(i) for i in range(300)]).json())
        connection.close()

    threads = [threading.Thread(target=call, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one["added"], one["unchanged"]) for one in told) == [(0, 300), (300, 0)]
    assert Transaction.objects.count() == 300
