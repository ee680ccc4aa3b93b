"""Opt-outs are noted and ended by staff with a reason; what an experiment holds is only read."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from customers import boundary
from customers.models import Customer, Hold, Suppression
from tests.experiments.factories import running

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 2)
ADD = "admin:customers_hold_add"


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = DAY
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def customer():
    return Customer.objects.create(customer_id="A", registered_on=dt.date(2025, 1, 1))


def hold(customer: Customer, **values) -> Hold:
    facts = {"kind": "opt_out", "source": "opt-out", "since": DAY - dt.timedelta(days=5), "reason": "Asked by phone."}
    return Hold.objects.create(customer=customer, **{**facts, **values})


def page(one: Hold) -> str:
    return reverse("admin:customers_hold_change", args=[one.pk])


def test_an_opt_out_noted_by_staff_holds_the_customer_back(staff, customer):
    staff.post(reverse(ADD), {"customer": customer.pk, "since": "2026-03-02", "until": "", "reason": "Asked by phone."})
    one = Hold.objects.get()
    assert (one.kind, one.source, one.since, one.until, one.reason) == (
        *("opt_out", "opt-out", DAY, None, "Asked by phone."),
    )
    assert not boundary.may_be_treated(customer, on=DAY)


def test_what_an_experiment_holds_is_called_by_its_name_with_a_link_for_whom_may_see_it(client, staff, customer):
    experiment = running(name="Spring coupons")
    facts = {"kind": "control", "source": experiment.source}
    one = hold(customer, **facts)
    Suppression.objects.create(customer=customer, outlet="x", suppressed_on=DAY, **facts)
    address = reverse("admin:experiments_experiment_change", args=[experiment.pk])
    link = f'<a class="text-link" href="{address}">Spring coupons</a>'
    pages = [
        reverse("admin:customers_hold_changelist"),
        reverse("admin:customers_suppression_changelist"),
        page(one),
        reverse("admin:customers_suppression_change", args=[Suppression.objects.get().pk]),
    ]
    for where in pages:
        assert link in staff.get(where).content.decode(), where
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_hold"))
    client.force_login(clerk)
    text = client.get(pages[0]).content.decode()
    assert "Spring coupons" in text
    assert link not in text


def test_a_source_that_nobody_knows_is_shown_as_it_is(staff, customer):
    hold(customer, source="experiment 999999")
    assert "experiment 999999" in staff.get(reverse("admin:customers_hold_changelist")).content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": ""}, "This field is required."),
        ({"until": "2026-03-02"}, "The end has to lie after the first day."),
        ({"since": "soon"}, "Enter a valid date."),
        ({"customer": "999999"}, "Select a valid choice."),
    ],
)
def test_a_bad_opt_out_is_refused_in_a_sentence_and_nothing_is_kept(staff, customer, given, sentence):
    facts = {"customer": customer.pk, "since": "2026-03-02", "until": "", "reason": "Asked."}
    response = staff.post(reverse(ADD), facts | given)
    assert sentence in response.content.decode()
    assert not Hold.objects.exists()


def test_a_second_opt_out_of_a_customer_says_where_the_first_is(staff, customer):
    hold(customer)
    facts = {"customer": customer.pk, "since": "2026-03-02", "until": "", "reason": "Again."}
    assert "has an opt-out since 2026-02-25; open that one" in staff.post(reverse(ADD), facts).content.decode()
    assert Hold.objects.count() == 1


@pytest.mark.parametrize(("kind", "source"), [("opt_out", "opt-out"), ("unsubscribed", "unsubscribe")])
def test_staff_end_an_opt_out_or_what_an_unsubscribing_began(staff, customer, kind, source):
    one = hold(customer, kind=kind, source=source)
    staff.post(page(one), {"since": str(one.since), "until": "2026-03-02", "reason": "Wants offers again."})
    one.refresh_from_db()
    assert (one.until, one.reason, one.kind, one.source) == (DAY, "Wants offers again.", kind, source)
    assert boundary.may_be_treated(customer, on=DAY)


def test_a_hold_of_a_control_group_is_only_read_even_by_a_superuser(staff, customer):
    one = hold(customer, kind="control", source="experiment 1", until=DAY + dt.timedelta(days=2))
    assert staff.get(page(one)).status_code == 200
    assert staff.post(page(one), {"until": "2026-03-01", "reason": "No."}).status_code == 403
    assert staff.post(reverse("admin:customers_hold_delete", args=[one.pk]), {"post": "yes"}).status_code == 403
    one.refresh_from_db()
    assert one.until == DAY + dt.timedelta(days=2)


def test_a_reader_sees_holds_and_adds_none(client, customer):
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    hold(customer)
    assert client.get(reverse("admin:customers_hold_changelist")).status_code == 200
    assert client.get(reverse(ADD)).status_code == 403


@pytest.mark.parametrize(("chosen", "expected"), [("now", "NOW"), ("later", "LATER"), ("over", "OVER")])
def test_holds_are_chosen_by_whether_they_are_in_force(staff, chosen, expected):
    spans = {"NOW": (-1, 1), "LATER": (1, None), "OVER": (-2, 0)}
    for name, (since, until) in spans.items():
        one = Customer.objects.create(customer_id=name, registered_on=DAY)
        end = None if until is None else DAY + dt.timedelta(days=until)
        hold(one, since=DAY + dt.timedelta(days=since), until=end)
    shown = staff.get(reverse("admin:customers_hold_changelist"), {"in_force": chosen}).context["cl"].result_list
    assert [one.customer.customer_id for one in shown] == [expected]


def test_a_customers_page_says_that_no_measure_is_allowed(staff, customer):
    address = reverse("admin:customers_customer_change", args=[customer.pk])
    assert "Not to be treated now" not in staff.get(address).content.decode()
    hold(customer)
    assert "held back: opted out" in staff.get(address).content.decode()


def test_suppressions_are_listed_by_list_and_kind(staff, customer):
    Suppression.objects.create(
        customer=customer, kind="control", source="experiment 1", outlet="home", suppressed_on=DAY
    )
    address = reverse("admin:customers_suppression_changelist")
    assert "experiment 1" in staff.get(address, {"outlet": "home"}).content.decode()
    assert "experiment 1" not in staff.get(address, {"kind__exact": "opt_out"}).content.decode()
