"""Customers over the API: the list, one of them, created, changed, and what happened."""

import datetime as dt
import threading
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from customers.clock import start_of
from customers.models import Activity, Customer, Deal, Interaction, Intervention, Ticket, Transaction, UserScope
from customers.rest import counting, keys
from tests.customers.rest.callers import machine, person

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/customers/"
DAY = dt.date(2024, 5, 1)
ODD = ["a/b", "a b?c#d", "100%", "客户-1", "=1+1", "..", "x/prediction/y", "é" * 50, "a&b=c", "'\"<b>", "bulk", "a//"]


@pytest.fixture(autouse=True)
def nobody_counted():
    counting.forget()
    keys.forget()


@pytest.fixture
def crm():
    return machine("customers:read", "customers:write")


def make(customer_id="c1", **fields):
    given = {"registered_on": DAY, "name": "Ann", "region": "East", "customer_type": "loyal", "gender": "f"}
    return Customer.objects.create(customer_id=customer_id, **{**given, **fields})


def ids(response):
    assert response.status_code == 200, response.content
    return [row["customer_id"] for row in response.json()["results"]]


def test_a_new_customer_is_created_and_told_where_it_is(crm):
    response = crm.post(ROOT, {"customer_id": " 007 ", "registered_on": "2024-05-01", "vip_level": 2}, format="json")
    assert response.status_code == 201
    body = response.json()
    assert (body["customer_id"], body["registered_on"], body["vip_level"], body["name"]) == ("007", "2024-05-01", 2, "")
    assert response.headers["Location"] == f"{ROOT}007/"
    assert crm.get(response.headers["Location"]).json() == body


def test_the_same_id_again_changes_what_is_sent_and_leaves_the_rest(crm):
    make(vip_level=3)
    response = crm.post(ROOT, {"customer_id": "c1", "registered_on": "2024-05-01", "region": "West"}, format="json")
    assert response.status_code == 200
    assert (response.json()["region"], response.json()["vip_level"]) == ("West", 3)


def test_what_breaks_a_rule_is_named_and_nothing_is_stored(crm):
    body = {"customer_id": "c1", "registered_on": "30/09/2017", "vip_level": -1}
    response = crm.post(ROOT, body, format="json")
    assert response.status_code == 422
    assert {(error["field"], error["code"]) for error in response.json()["errors"]} == {
        ("registered_on", "not_date"),
        ("vip_level", "too_small"),
    }
    assert not Customer.objects.exists()


def test_an_unknown_field_is_refused(crm):
    response = crm.post(ROOT, {"customer_id": "c1", "registered_on": "2024-05-01", "colour": 1}, format="json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "colour"


@pytest.mark.parametrize("customer_id", ODD)
def test_an_id_of_odd_characters_is_an_address(crm, customer_id):
    made = crm.post(ROOT, {"customer_id": customer_id, "registered_on": "2024-05-01"}, format="json")
    assert made.status_code == 201
    address = f"{ROOT}{quote(customer_id, safe='')}/"
    assert made.headers["Location"] == address
    assert crm.get(address).json()["customer_id"] == customer_id
    assert crm.get(f"{address}timeline/").json() == {"next": None, "results": []}
    assert ids(crm.get(ROOT, {"customer_id": customer_id})) == [customer_id]


@pytest.mark.parametrize("customer_id", ["nobody", "x" * 51, "%00", "%07", "%FF"])
def test_an_id_of_nobody_is_not_found(crm, customer_id):
    for address in (f"{ROOT}{customer_id}/", f"{ROOT}{customer_id}/timeline/"):
        assert crm.get(address).status_code == 404


def test_a_patch_changes_a_customer_and_null_empties(crm):
    make(vip_level=3)
    response = crm.patch(f"{ROOT}c1/", {"region": "West", "vip_level": None}, format="json")
    assert response.status_code == 200
    body = response.json()
    assert (body["region"], body["vip_level"], body["name"], body["registered_on"]) == ("West", None, "Ann", str(DAY))


@pytest.mark.parametrize("body", [{"customer_id": "c2"}, {"registered_on": None}, {"region": ["East"]}])
def test_a_patch_changes_neither_the_id_nor_what_is_needed(crm, body):
    make()
    assert crm.patch(f"{ROOT}c1/", body, format="json").status_code in (400, 422)
    assert crm.patch(f"{ROOT}c9/", {"region": "West"}, format="json").status_code == 404
    assert Customer.objects.get().region == "East"


def test_filters_hold_together(crm):
    make("a", region="East", account_status="active")
    make("b", region="West", account_status="active", registered_on=DAY - dt.timedelta(days=9))
    make("c", region="West", customer_type="new")
    assert ids(crm.get(ROOT)) == ["a", "b", "c"]
    assert ids(crm.get(ROOT, {"region": "West"})) == ["b", "c"]
    assert ids(crm.get(ROOT, {"region": "West", "account_status": "active"})) == ["b"]
    assert ids(crm.get(ROOT, {"customer_type": "new"})) == ["c"]
    assert ids(crm.get(ROOT, {"registered_from": "2024-05-01"})) == ["a", "c"]
    assert ids(crm.get(ROOT, {"registered_to": "2024-04-30"})) == ["b"]
    assert crm.get(ROOT, {"colour": "red"}).status_code == 400


def test_changes_since_a_moment_come_in_their_order(crm):
    rows = [make(name) for name in ("a", "b", "c")]
    for row, hours in zip(rows, (3, 1, 9), strict=True):
        Customer.objects.filter(pk=row.pk).update(updated_at=timezone.now() - dt.timedelta(hours=hours))
    since = (timezone.now() - dt.timedelta(hours=5)).isoformat()
    page = crm.get(ROOT, {"updated_since": since, "page_size": 1})
    assert ids(page) == ["a"]
    assert ids(crm.get(page.json()["next"])) == ["b"]


def test_personal_data_is_masked_for_those_without_the_right():
    make()
    ann, boss = (
        person("customers.view_customer"),
        person("customers.view_customer", "customers.view_personal", username="boss"),
    )
    masked = ann.get(f"{ROOT}c1/").json()
    assert (masked["name"], masked["gender"], masked["region"]) == ("•••", "•••", "East")
    assert ann.get(ROOT).json()["results"] == [masked]
    assert boss.get(f"{ROOT}c1/").json()["name"] == "Ann"


def test_people_see_and_change_only_customers_in_their_sight():
    make("e", region="East")
    make("w", region="West")
    ann = person("customers.view_customer", "customers.change_customer")
    UserScope.objects.create(user=ann.user, regions=["East"])
    assert ids(ann.get(ROOT)) == ["e"]
    assert [ann.get(f"{ROOT}{name}/").status_code for name in ("e", "w")] == [200, 404]
    assert ann.get(f"{ROOT}w/timeline/").status_code == 404
    assert ann.patch(f"{ROOT}w/", {"region": "East"}, format="json").status_code == 404
    assert ann.patch(f"{ROOT}e/", {"region": "West"}, format="json").status_code == 403
    new = {"customer_id": "w", "registered_on": "2024-05-01", "region": "West"}
    assert ann.post(ROOT, new, format="json").status_code == 403
    assert Customer.objects.get(customer_id="e").region == "East"
    assert ann.post(ROOT, {**new, "customer_id": "n", "region": "East"}, format="json").status_code == 201


def test_the_list_has_a_fixed_number_of_queries(crm, django_assert_num_queries):
    for i in range(60):
        make(f"c{i}")
    crm.get(ROOT)
    with django_assert_num_queries(1):
        crm.get(ROOT)


@pytest.fixture
def history():
    """Something of each kind, two of them at one moment."""
    ann, noon = make(), start_of(DAY) + dt.timedelta(hours=12)
    Transaction.objects.create(transaction_id="t1", customer=ann, occurred_at=noon, amount=5)
    Interaction.objects.create(interaction_id="i1", customer=ann, occurred_at=noon, kind="login", topic="secret")
    Deal.objects.create(deal_id="d1", customer=ann, deal_date=DAY, deal_amount=7)
    Ticket.objects.create(ticket_id="k1", customer=ann, created_date=start_of(DAY))
    Activity.objects.create(row_key="a1", customer=ann, date=noon - dt.timedelta(days=1))
    Intervention.objects.create(
        intervention_id="m1", customer=ann, occurred_at=noon + dt.timedelta(days=1), kind="call"
    )
    other = make("c2")
    Transaction.objects.create(transaction_id="t2", customer=other, occurred_at=noon, amount=5)
    return ann


def walked(client, address):
    found = []
    while address:
        page = client.get(address).json()
        found += page["results"]
        address = page["next"]
    return found


@pytest.mark.parametrize("size", [1, 2, 5, 50])
def test_the_timeline_has_every_kind_once_the_latest_first(crm, history, size):
    found = walked(crm, f"{ROOT}c1/timeline/?page_size={size}")
    assert [one["id"] for one in found] == ["m1", "t1", "i1", "k1", "d1", "a1"]
    assert found[1]["facts"]["amount"] == 5
    assert "customer" not in found[1]["facts"]


def test_the_timeline_of_chosen_kinds(crm, history):
    found = walked(crm, f"{ROOT}c1/timeline/?kind=sales&kind=support&page_size=1")
    assert [one["id"] for one in found] == ["k1", "d1"]
    assert crm.get(f"{ROOT}c1/timeline/?kind=dreams").status_code == 400
    assert crm.get(f"{ROOT}c1/timeline/?cursor=abc").status_code == 404


def test_the_timeline_shows_the_kinds_that_a_person_may_read(history):
    ann = person("customers.view_customer", "customers.view_interaction")
    (entry,) = walked(ann, f"{ROOT}c1/timeline/")
    assert (entry["kind"], entry["facts"]["topic"]) == ("interactions", "•••")


def test_the_timeline_has_a_query_a_kind(crm, history, django_assert_num_queries):
    crm.get(f"{ROOT}c1/timeline/")
    with django_assert_num_queries(7):
        crm.get(f"{ROOT}c1/timeline/")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_posts_of_one_customer_at_once_create_it_once():
    clients = [machine("customers:write") for _ in range(4)]
    told = []

    def call(client):
        body = {"customer_id": "c1", "registered_on": "2024-05-01"}
        told.append(client.post(ROOT, body, format="json").status_code)
        connection.close()

    threads = [threading.Thread(target=call, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [200, 200, 200, 201]
