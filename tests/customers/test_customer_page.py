"""A customer's page: its tabs, the case on top, the notes, and the timeline by kinds and pages."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import cases
from customers.admin import panels, timeline
from customers.clock import start_of
from customers.models import Assignee, CaseNote, Customer, Hold, Interaction, Intervention, Transaction
from tests import face

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return Customer.objects.create(customer_id="c1", registered_on=face.DAY, name="Ada", region="East")


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = face.DAY
    client.user = User.objects.create_superuser("boss")
    client.force_login(client.user)
    return client


def page_of(customer, **query) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return reverse("admin:customers_customer_change", args=[customer.pk]) + (f"?{asked}" if asked else "")


def shown(browser, customer, **query) -> str:
    return browser.get(page_of(customer, **query)).content.decode()


def act(browser, customer, move, **more):
    return browser.post(
        reverse("admin:customers_customer_case", args=[customer.pk]), {"move": move, **more}, follow=True
    )


def texts(response) -> list[str]:
    return [str(one) for one in response.context["messages"]]


@pytest.mark.parametrize("tab", panels.TABS)
def test_each_tab_is_marked_as_the_one_that_is_shown(staff, customer, tab):
    response = staff.get(page_of(customer, tab=tab))
    assert [name for name, _title, is_shown in response.context["customer_tabs"] if is_shown] == [tab]
    assert response.content.decode().count('aria-current="page"') >= 1


@pytest.mark.parametrize("tab", panels.TABS)
def test_every_tab_says_that_the_customer_is_held_back(staff, customer, tab):
    Hold.objects.create(customer=customer, kind="opt_out", source="x", since=face.DAY)
    assert "held back: opted out" in shown(staff, customer, tab=tab)


def test_a_tab_that_is_not_there_shows_the_first(staff, customer):
    assert staff.get(page_of(customer, tab="nonsense")).context["customer_tabs"][0][2]


def test_a_panel_is_computed_on_its_own_tab_only(staff, customer, monkeypatch):
    computed = []
    for name in ("latest", "timeline"):
        panel = panels._panels[name]
        record = lambda request, customer, name=name: computed.append(name) or {}  # noqa: E731
        monkeypatch.setitem(panels._panels, name, panels.Panel(**{**panel.__dict__, "context": record}))
    shown(staff, customer)
    assert computed == ["latest"]
    shown(staff, customer, tab="timeline")
    assert computed == ["latest", "timeline"]


def test_the_profile_has_its_own_tab(staff, customer):
    assert "registration channel" not in shown(staff, customer).lower()
    assert "registration channel" in shown(staff, customer, tab="profile").lower()


def test_a_customer_is_taken_on_released_and_taken_over(staff, customer):
    assert texts(act(staff, customer, "take")) == ["You look after this customer now."]
    assert Assignee.objects.get().user == staff.user
    act(staff, customer, "release")
    assert not Assignee.objects.exists()
    cases.take([customer.pk], user=User.objects.create_user("bo"))
    assert texts(act(staff, customer, "take")) == ["Somebody else looks after this customer meanwhile."]
    act(staff, customer, "take_over")
    assert Assignee.objects.get().user == staff.user


def test_the_buttons_are_those_that_can_be_pressed(staff, customer):
    assert 'value="take"' in shown(staff, customer)
    act(staff, customer, "take")
    assert 'value="release"' in shown(staff, customer)
    Assignee.objects.update(user=User.objects.create_user("bo"))
    assert 'value="take_over"' in shown(staff, customer)


def test_a_note_is_kept_with_its_author_and_shown_escaped(staff, customer):
    response = act(staff, customer, "note", text="Wants <b>tea</b>", tab="timeline")
    assert response.redirect_chain[-1][0].endswith("?tab=timeline")
    assert CaseNote.objects.get().author == staff.user
    assert "Wants &lt;b&gt;tea&lt;/b&gt;" in shown(staff, customer)
    assert texts(act(staff, customer, "note", text=" ")) == ["The note is empty."]


@pytest.mark.parametrize("move", ["take", "release", "take_over", "note", "nonsense"])
def test_who_may_only_look_can_do_nothing(client, customer, move):
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_customer"))
    client.force_login(reader)
    assert act(client, customer, move, text="x").status_code == 403
    assert Assignee.objects.count() == CaseNote.objects.count() == 0
    assert 'name="move"' not in shown(client, customer)


def test_looking_does_nothing(staff, customer):
    assert staff.get(reverse("admin:customers_customer_case", args=[customer.pk])).status_code == 405


def test_recording_an_intervention_leads_back_to_the_customer(staff, customer):
    address = reverse("admin:customers_intervention_add") + f"?customer={customer.pk}"
    assert address in shown(staff, customer)
    values = {"customer": customer.pk, "kind": "call", "cost": "0", "occurred_at_0": "2017-09-29"}
    response = staff.post(address, {**values, "occurred_at_1": "10:00"})
    assert response.url == page_of(customer)


def happen(customer, n: int) -> None:
    moments = [start_of(face.DAY) - dt.timedelta(hours=hours) for hours in range(n)]
    Transaction.objects.bulk_create(
        Transaction(transaction_id=f"t{i}", customer=customer, occurred_at=moment, amount=i + 1)
        for i, moment in enumerate(moments)
    )
    Interaction.objects.bulk_create(
        Interaction(interaction_id=f"i{i}", customer=customer, occurred_at=moment, kind="login")
        for i, moment in enumerate(moments)
    )


def entries(browser, customer, **query):
    (panel,) = [
        one for one in browser.get(page_of(customer, tab="timeline", **query)).context["panels_above"] if "kinds" in one
    ]
    return panel


def test_the_timeline_turns_its_pages_without_losing_or_doubling_an_entry(staff, customer):
    happen(customer, 40)
    seen, page = [], 1
    while True:
        panel = entries(staff, customer, page=page)
        seen += [(entry.occurred_at, entry.title) for entry in panel["entries"]]
        if not panel["older"]:
            break
        page += 1
    assert page == 3
    assert len(seen) == len(set(seen)) == 80
    assert [moment for moment, _title in seen] == sorted((moment for moment, _title in seen), reverse=True)


def test_the_timeline_can_be_narrowed_to_a_kind(staff, customer):
    happen(customer, 3)
    Intervention.objects.create(intervention_id="x", customer=customer, kind="call", occurred_at=start_of(face.DAY))
    assert len(entries(staff, customer)["entries"]) == 7
    assert [one.title for one in entries(staff, customer, kind="interventions")["entries"]] == ["Measure: call"]
    assert len(entries(staff, customer, kind="transactions")["entries"]) == 3


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "²"])
def test_a_page_that_makes_no_sense_is_answered(staff, customer, page):
    happen(customer, 1)
    assert entries(staff, customer, page=page)["page"] in (1, timeline.MOST_PAGES)


def test_the_timeline_shows_only_kinds_that_the_user_may_see(client, customer):
    happen(customer, 1)
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=("view_customer", "view_transaction")))
    client.force_login(reader)
    assert [name for name, *_rest in entries(client, customer)["kinds"]] == ["", "transactions"]
    assert [one.title for one in entries(client, customer)["entries"]] == ["Purchase of 1.00"]


@pytest.mark.parametrize("tab", panels.TABS)
def test_each_tab_takes_as_many_queries_however_much_happened(staff, customer, tab):
    happen(customer, 2)
    shown(staff, customer, tab=tab)
    with CaptureQueriesContext(connection) as few:
        shown(staff, customer, tab=tab)
    Transaction.objects.all().delete()
    Interaction.objects.all().delete()
    happen(customer, 60)
    for n in range(20):
        cases.note(customer, f"note {n}", user=staff.user)
    with CaptureQueriesContext(connection) as many:
        shown(staff, customer, tab=tab)
    assert len(many) == len(few)
