"""The pages of the health score: they answer, with rows and without, and every number leads to the list behind it."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import Customer, Deal, Suppression
from healthscore import configurations, renewals
from healthscore.dimensions.configuration import Configuration
from healthscore.models import HealthAlert, HealthDay, HealthScore, NotScored, Override
from predictions.models import Prediction
from tests import face

pytestmark = pytest.mark.django_db
ONE = ("acknowledge_one", "close_one")
LISTS = ("healthscore", "healthalert", "notscored", "override")
PORTFOLIO = "admin:healthscore_healthscore_portfolio"


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = face.DAY
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def reader(client, settings):
    settings.BUSINESS_DATE = face.DAY
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def listed(browser, name: str, **query) -> list:
    response = browser.get(reverse(f"admin:healthscore_{name}_changelist"), query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def text(response) -> str:
    parts = response.streaming_content if response.streaming else [response.content]
    return b"".join(parts).decode()


def n_queries(browser, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def only(**fields) -> None:
    """Of the rows of the first customer the score is as given."""
    first = Customer.objects.order_by("pk").first()
    HealthScore.objects.filter(customer=first).update(**fields)


def deal(customer: Customer, days: int, *, amount: int = 1000, stage: str = "won", dated: int = -300, **more) -> Deal:
    dates = {"deal_date": face.DAY + dt.timedelta(days=dated), "renewal_date": face.DAY + dt.timedelta(days=days)}
    name = f"d{Deal.objects.count()}"
    return Deal.objects.create(
        deal_id=name, customer=customer, deal_amount=amount, deal_stage=stage, contract_length=12, **dates, **more
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_answer_without_rows_and_say_what_to_do(staff, language):
    for address in (reverse(PORTFOLIO), *(reverse(f"admin:healthscore_{name}_changelist") for name in LISTS)):
        response = staff.get(address, headers={"accept-language": language})
        assert response.status_code == 200
    assert "compute_health" in text(staff.get(reverse(PORTFOLIO)))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_at_thirty_rows_as_at_three(staff, name):
    address = reverse(f"admin:healthscore_{name}_changelist")
    face.rows(3)
    n_queries(staff, address)
    few = n_queries(staff, address)
    for model in (HealthScore, NotScored, HealthAlert, Override):
        last = list(model.objects.all())
        people = Customer.objects.bulk_create(
            Customer(customer_id=f"{model.__name__}{i}", registered_on=face.DAY) for i in range(30)
        )
        for one in last[:1]:
            rows = []
            for customer in people:
                values = {field.attname: getattr(one, field.attname) for field in model._meta.concrete_fields}
                values |= {"id": None, "customer_id": customer.pk}
                rows.append(model(**values))
            model.objects.bulk_create(rows)
    assert n_queries(staff, address) == few


def test_the_portfolio_takes_as_many_queries_however_many_customers(staff):
    face.rows(3)
    n_queries(staff, reverse(PORTFOLIO))
    few = n_queries(staff, reverse(PORTFOLIO))
    for customer in Customer.objects.all():
        deal(customer, 10)
        deal(customer, 70)
    assert n_queries(staff, reverse(PORTFOLIO)) == few


def test_every_number_of_the_portfolio_is_that_of_the_list_behind_it(staff):
    face.rows(5)
    only(grade="critical", score=Decimal("0.1000"))
    for customer in Customer.objects.order_by("pk")[:3]:
        deal(customer, 20)
    page = text(staff.get(reverse(PORTFOLIO)))
    numbers = re.findall(r'href="([^"]+\?[^"]+)"[^>]*aria-label="[^"]*: (\d+)"', page)
    numbers += re.findall(r'class="right" data-label="customers[^"]*"><a class="text-link" href="([^"]+)">(\d+)<', page)
    numbers += re.findall(r'<a href="([^"]+)" class="level .*?level-number">(\d+)', page, re.DOTALL)
    assert len(numbers) >= 8
    for address, number in numbers:
        shown = staff.get(address.replace("&amp;", "&")).context["cl"].result_count
        assert shown == int(number), address


def test_renewals_ahead_are_by_window_and_leave_out_what_is_renewed(staff):
    face.rows(4)
    near, far, renewed, lost = Customer.objects.order_by("pk")
    deal(near, 0)
    deal(near, 60, amount=500)
    deal(far, 61)
    deal(renewed, 30)
    deal(renewed, 500, stage="renewed", dated=-10)
    deal(lost, 30, stage="lost")
    assert {row.customer for row in listed(staff, "healthscore", renewal=60)} == {near}
    assert {row.customer for row in listed(staff, "healthscore", renewal=90)} == {near, far}
    rows = staff.get(reverse(PORTFOLIO)).context["renewals"]["rows"]
    assert [(one["n"], one["value"]) for one in rows[0]["windows"]] == [(1, "1,500"), (2, "2,500")]


def test_the_list_is_of_the_latest_day_and_has_the_lowest_score_first(staff):
    face.rows(2)
    only(score=Decimal("0.4000"))
    old = HealthScore.objects.first()
    old.pk, old.as_of, old.score = None, face.DAY - dt.timedelta(days=1), Decimal("0.1")
    old.save()
    assert [row.score for row in listed(staff, "healthscore")] == [Decimal("0.4000"), Decimal("0.5000")]


def test_the_list_is_filtered_by_manager_coverage_type_and_grade_then(staff):
    face.rows(3)
    first = Customer.objects.order_by("pk").first()
    deal(first, 100, account_manager="Old", dated=-400)
    deal(first, 100, account_manager="Ann", dated=-100)
    only(coverage=0.5, customer_type="startup", grade_before="critical")
    for query in (
        {"manager": "Ann"},
        {"coverage": "little"},
        {"customer_type": "startup"},
        {"grade_before__exact": "critical"},
    ):
        assert [row.customer for row in listed(staff, "healthscore", **query)] == [first], query
    assert listed(staff, "healthscore", manager="Old") == []


def test_strong_disagreement_is_bad_health_with_low_risk_and_good_health_with_high_risk(staff):
    face.rows(4)
    low, high, fine, bad = HealthScore.objects.order_by("customer")
    for row, grade, level in (
        (low, "at_risk", "low"),
        (high, "good", "critical"),
        (fine, "good", "low"),
        (bad, "critical", "high"),
    ):
        HealthScore.objects.filter(pk=row.pk).update(grade=grade)
        Prediction.objects.filter(customer=row.customer_id).update(risk_level=level)
    response = staff.get(reverse("admin:healthscore_healthscore_disagreements"), follow=True)
    assert {row.pk for row in response.context["cl"].result_list} == {low.pk, high.pk}


def test_the_download_has_the_rows_of_the_list_without_the_held_and_with_formulas_defused(staff):
    face.rows(3)
    first, second, third = Customer.objects.order_by("pk")
    Customer.objects.filter(pk=second.pk).update(name="=cmd()")
    from customers.models import Hold

    Hold.objects.create(customer=third, kind="opt_out", source="opt-out", since=face.DAY)
    only(grade="critical")
    address = reverse("admin:healthscore_healthscore_export")
    shown = text(staff.get(f"{address}?grade__exact=at_risk", follow=True))
    assert second.customer_id in shown
    assert "'=cmd()" in shown
    assert first.customer_id not in shown
    assert third.customer_id not in shown
    assert Suppression.objects.filter(customer=third, outlet="healthscore.healthscore.csv").exists()


def test_a_source_that_failed_is_said_on_the_pages(staff):
    face.rows(1)
    HealthDay.objects.update(failures=[{"source": "support", "error": "OSError: gone"}])
    for address in (reverse(PORTFOLIO), reverse("admin:healthscore_healthscore_changelist")):
        assert "OSError: gone" in text(staff.get(address))


def test_alerts_are_taken_up_and_closed_with_who_and_when(staff):
    face.rows(3)
    first, second, third = HealthAlert.objects.order_by("pk")
    lists = reverse("admin:healthscore_healthalert_changelist")
    staff.post(lists, {"action": "acknowledge", "_selected_action": [first.pk]})
    staff.post(reverse("admin:healthscore_healthalert_close_one", args=[second.pk]))
    for row in (first, second, third):
        row.refresh_from_db()
    assert (first.state, second.state, third.state) == ("acknowledged", "closed", "open")
    assert first.acknowledged_by.username == second.acknowledged_by.username == "boss"
    assert first.acknowledged_at
    assert second.closed_on == face.DAY


@pytest.mark.parametrize(
    ("state", "offered"),
    [("open", {"acknowledge_one", "close_one"}), ("acknowledged", {"close_one"}), ("closed", set())],
)
def test_an_alerts_page_offers_what_its_state_allows(staff, state, offered):
    face.rows(1)
    HealthAlert.objects.update(state=state, **({"closed_on": face.DAY} if state == "closed" else {}))
    alert = HealthAlert.objects.get()
    page = text(staff.get(reverse("admin:healthscore_healthalert_change", args=[alert.pk])))
    addresses = {name: reverse(f"admin:healthscore_healthalert_{name}", args=[alert.pk]) for name in ONE}
    assert {name for name, address in addresses.items() if address in page} == offered


def test_a_renewal_that_came_as_early_as_the_configuration_allows_is_none_that_is_ahead(staff):
    configurations.active()
    customer = Customer.objects.create(customer_id="A", registered_on=face.DAY)
    ends = face.DAY + dt.timedelta(days=20)
    paid = {"customer": customer, "deal_amount": 1}
    Deal.objects.create(
        deal_id="1", deal_stage="won", deal_date=face.DAY - dt.timedelta(300), renewal_date=ends, **paid
    )
    Deal.objects.create(deal_id="2", deal_stage="renewed", deal_date=ends - dt.timedelta(days=80), **paid)

    def ahead() -> int:
        return renewals.due(as_of=face.DAY, days=60).count()

    assert ahead() == 1
    changed = Configuration.of({"alerts": {"renewal_days_before": 90}}).document
    configurations.activate(configurations.save(document=changed, user=None), user=None)
    assert ahead() == 0


def test_those_without_a_score_are_told_apart_and_it_is_said_why_they_are_there(staff):
    face.rows(2)
    company = Customer.objects.order_by("pk").first()
    Customer.objects.filter(pk=company.pk).update(customer_type="startup")
    address = reverse("admin:healthscore_notscored_changelist")

    def listed(query: str) -> list[int]:
        return [row.customer_id for row in staff.get(address + query).context["cl"].result_list]

    assert "no deal, no ticket and no activity" in text(staff.get(address))
    assert len(listed("")) == 2
    assert listed("?account=yes") == [company.pk]
    assert company.pk not in listed("?account=no")
    assert len(listed("?account=no")) == 1


def test_who_may_only_read_takes_no_alert_up(reader):
    face.rows(1)
    alert = HealthAlert.objects.get()
    for name in ("acknowledge_one", "close_one"):
        assert reader.post(reverse(f"admin:healthscore_healthalert_{name}", args=[alert.pk])).status_code == 403
    reader.post(
        reverse("admin:healthscore_healthalert_changelist"), {"action": "close", "_selected_action": [alert.pk]}
    )
    alert.refresh_from_db()
    assert alert.state == "open"


def test_a_grade_is_set_with_a_reason_beside_the_computed_one_and_ended(staff):
    face.rows(1)
    Override.objects.all().delete()
    customer = Customer.objects.get()
    dates = {"starts_on": face.DAY - dt.timedelta(days=3), "expires_on": face.DAY + dt.timedelta(days=30)}
    given = {"customer": customer.pk, "grade": "excellent", "reason": "a new contract is agreed", **dates}
    add = reverse("admin:healthscore_override_add")
    assert "This field is required" in text(staff.post(add, given | {"reason": ""}))
    assert staff.post(add, given).status_code == 302
    made = Override.objects.get()
    assert (made.computed_grade, made.created_by.username) == ("at_risk", "boss")
    assert "There is one already" in text(staff.post(add, given))
    row = listed(staff, "healthscore")[0]
    assert (row.grade, row.set_grade) == ("at_risk", "excellent")
    staff.post(reverse("admin:healthscore_override_end_now", args=[made.pk]))
    made.refresh_from_db()
    assert made.expires_on == face.DAY
    assert listed(staff, "healthscore")[0].set_grade is None


def test_a_set_grade_is_ended_by_those_who_may_only(reader):
    face.rows(1)
    made = Override.objects.get()
    assert reader.post(reverse("admin:healthscore_override_end_now", args=[made.pk])).status_code == 403
    assert reader.get(reverse("admin:healthscore_override_add")).status_code == 403


def test_an_end_before_the_first_day_is_refused(staff):
    face.rows(1)
    Override.objects.all().delete()
    given = {"customer": Customer.objects.get().pk, "grade": "good", "reason": "x"}
    dates = {"starts_on": face.DAY, "expires_on": face.DAY}
    assert "has to lie after" in text(staff.post(reverse("admin:healthscore_override_add"), given | dates))


def test_rows_that_machines_write_cannot_be_changed_even_by_a_superuser(staff):
    face.rows(1)
    for model in (HealthScore, NotScored, HealthAlert):
        pk = model.objects.get().pk
        for view in ("change", "delete"):
            address = reverse(f"admin:healthscore_{model._meta.model_name}_{view}", args=[pk])
            assert staff.post(address, {"post": "yes"}).status_code == 403
