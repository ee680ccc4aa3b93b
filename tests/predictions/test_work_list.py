"""Today's risk list as a list of work: its filters, and what is done with the chosen rows."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.clock import start_of
from customers.models import Assignee, Customer, Hold, Intervention, Suppression
from predictions.models import Prediction
from tests import face

pytestmark = pytest.mark.django_db
LIST = "admin:predictions_risktoday_changelist"


@pytest.fixture
def boss(client, settings):
    settings.BUSINESS_DATE = face.DAY
    cache.clear()
    user = User.objects.create_superuser("boss")
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def five(boss):
    """Five customers c0000 to c0004, of whom nobody was contacted and nobody is held."""
    face.rows(5)
    Intervention.objects.all().delete()
    Hold.objects.all().delete()
    return list(Customer.objects.order_by("customer_id"))


def shown(browser, **filters) -> list[str]:
    rows = browser.get(reverse(LIST), filters).context["cl"].result_list
    return [row.customer.customer_id for row in rows]


def do(browser, action: str, people, **more):
    rows = Prediction.objects.filter(customer__in=people).values_list("pk", flat=True)
    data = {"action": action, "index": 0, "select_across": 0, "_selected_action": list(rows), **more}
    return browser.post(reverse(LIST), data, follow=True)


def texts(response) -> list[str]:
    return [str(one) for one in response.context["messages"]]


def test_customers_of_a_type_and_of_a_region_are_found(boss, five):
    Customer.objects.filter(pk=five[1].pk).update(region="West", customer_type="new")
    assert shown(boss, customer__region__exact="West") == ["c0001"]
    assert shown(boss, customer__customer_type__exact="new") == ["c0001"]
    assert shown(boss, customer__region__exact="East") == ["c0000", "c0002", "c0003", "c0004"]


def test_customers_without_a_region_are_found(boss, five):
    Customer.objects.filter(pk=five[2].pk).update(region="")
    assert shown(boss, customer__region__exact="__blank__") == ["c0002"]


def test_the_values_to_choose_from_are_read_once_for_many_views(boss, five):
    boss.get(reverse(LIST))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        page = boss.get(reverse(LIST)).content.decode()
    assert not [one for one in seen.captured_queries if "DISTINCT" in one["sql"]]
    assert '<option value="East"' in page


def test_more_values_than_one_would_choose_from_are_typed(boss, five, monkeypatch):
    monkeypatch.setattr("customers.admin.filters.MOST_CHOICES", 0)
    page = boss.get(reverse(LIST), {"customer__region__exact": "East"})
    assert len(page.context["cl"].result_list) == 5
    assert 'name="customer__region__exact" value="East"' in page.content.decode()


def test_a_band_of_monthly_values_is_found(boss, five, settings):
    settings.MONETARY_THRESHOLDS = (51, 53)
    Prediction.objects.filter(customer=five[4]).update(monthly_value=None)
    assert shown(boss, value="51-53") == ["c0001", "c0002"]
    assert shown(boss, value="-51") == ["c0000"]
    assert shown(boss, value="nonsense") == [one.customer_id for one in five]


def test_a_main_reason_is_found_by_itself_and_by_its_family(boss, five):
    Prediction.objects.filter(customer=five[3]).update(main_reason="amount_change_7d")
    assert shown(boss, reason="amount_change_7d") == ["c0003"]
    assert shown(boss, reason="family:trend") == ["c0003"]
    assert shown(boss, reason="family:rfm") == ["c0000", "c0001", "c0002", "c0004"]


def test_who_was_not_contacted_for_some_days_is_found(boss, five):
    for one, days in ((five[0], 3), (five[1], 10), (five[2], 40)):
        moment = start_of(face.DAY - dt.timedelta(days=days))
        Intervention.objects.create(intervention_id=f"x{one.pk}", customer=one, kind="call", occurred_at=moment)
    assert shown(boss, not_contacted="7") == ["c0001", "c0002", "c0003", "c0004"]
    assert shown(boss, not_contacted="30") == ["c0002", "c0003", "c0004"]


def test_my_customers_nobodys_and_others_are_found(boss, five):
    Assignee.objects.create(customer=five[0], user=boss.user)
    Assignee.objects.create(customer=five[1], user=User.objects.create_user("bo"))
    assert shown(boss, assigned="me") == ["c0000"]
    assert shown(boss, assigned="others") == ["c0001"]
    assert shown(boss, assigned="nobody") == ["c0002", "c0003", "c0004"]


def test_the_row_says_whose_it_is_when_it_was_contacted_and_what_it_is_worth(boss, five):
    Assignee.objects.create(customer=five[0], user=User.objects.create_user("bo"))
    moment = start_of(face.DAY - dt.timedelta(days=3))
    Intervention.objects.create(intervention_id="x", customer=five[0], kind="call", occurred_at=moment)
    Prediction.objects.filter(customer=five[0]).update(monthly_value=Decimal("12345.6"))
    page = boss.get(reverse(LIST), {"q": "c0000"}).content.decode()
    for text in ("bo", "2017-09-27", "12,345.60", "Last purchase 15 days ago"):
        assert text in page


def test_the_main_reason_shown_is_one_that_raises_the_risk(boss, five):
    Prediction.objects.update(reasons=face.REASONS[::-1])
    page = boss.get(reverse(LIST), {"q": "c0000"}).content.decode()
    assert "Last purchase 15 days ago" in page
    assert "2 friends" not in page


def test_chosen_customers_become_mine_and_those_of_others_stay(boss, five):
    Assignee.objects.create(customer=five[0], user=User.objects.create_user("bo"))
    response = do(boss, "assign_to_me", five[:3])
    assert set(Assignee.objects.filter(user=boss.user).values_list("customer", flat=True)) == {five[1].pk, five[2].pk}
    assert texts(response)[0] == "2 customers are yours now."
    assert texts(response)[1].startswith("1 stays with")


def test_chosen_customers_of_mine_are_released(boss, five):
    do(boss, "assign_to_me", five[:3])
    assert texts(do(boss, "release", five[:2])) == ["2 are released."]
    assert texts(do(boss, "release", five[3:])) == ["None of these was yours."]
    assert Assignee.objects.count() == 1


MEASURE = {
    "measure": "1",
    "kind": "call",
    "channel": "phone",
    "occurred_at_0": "2017-09-30",
    "occurred_at_1": "00:00",
    "cost": "1.50",
    "note": "",
    "batch": "9f6f9d0e-8a0a-4b0a-9d58-0d0a4f8f3a11",
}


def test_recording_asks_first_and_then_notes_one_a_customer(boss, five):
    asked = do(boss, "record_intervention", five[:2])
    assert "One intervention for each of 2 customers" in asked.content.decode()
    assert Intervention.objects.count() == 0
    done = do(boss, "record_intervention", five[:2], **MEASURE)
    assert texts(done) == ["2 interventions are recorded."]
    rows = Intervention.objects.order_by("customer__customer_id")
    assert [(one.customer, one.kind, one.cost, one.recorded_by) for one in rows] == [
        (one, "call", Decimal("1.50"), boss.user) for one in five[:2]
    ]


def test_who_is_held_back_is_refused_counted_and_recorded_as_kept_off(boss, five):
    Hold.objects.create(customer=five[0], kind="control", source="x", since=face.DAY)
    done = do(boss, "record_intervention", five[:3], **MEASURE)
    assert texts(done)[0] == "2 interventions are recorded."
    assert texts(done)[1].startswith("1 customer is held back on that day and was refused")
    assert not Intervention.objects.filter(customer=five[0]).exists()
    (kept_off,) = Suppression.objects.filter(outlet="predictions.risktoday.intervention")
    assert kept_off.customer == five[0]


def test_a_measure_in_the_future_or_without_a_kind_is_not_recorded(boss, five):
    for wrong in ({"occurred_at_0": "2017-10-05"}, {"kind": ""}):
        page = do(boss, "record_intervention", five[:1], **MEASURE | wrong)
        assert 'role="alert"' in page.content.decode()
    assert Intervention.objects.count() == 0


def test_the_whole_list_as_it_is_filtered_can_be_chosen(boss, five):
    Customer.objects.filter(pk__in=[five[1].pk, five[3].pk]).update(region="West")
    data = {
        "action": "assign_to_me",
        "index": 0,
        "select_across": 1,
        "_selected_action": [Prediction.objects.first().pk],
    }
    boss.post(reverse(LIST) + "?customer__region__exact=West", data)
    assert set(Assignee.objects.values_list("customer__customer_id", flat=True)) == {"c0001", "c0003"}


@pytest.mark.parametrize("action", ["assign_to_me", "release", "record_intervention"])
def test_who_may_only_look_can_do_nothing_with_the_rows(client, five, action):
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_prediction"))
    client.force_login(reader)
    do(client, action, five, **MEASURE)
    assert Assignee.objects.count() == Intervention.objects.count() == 0


def test_the_list_takes_as_many_queries_at_fifty_rows_as_at_five(boss, five):
    boss.get(reverse(LIST))
    with CaptureQueriesContext(connection) as few:
        boss.get(reverse(LIST))
    model = Prediction.objects.first().model
    more = Customer.objects.bulk_create(Customer(customer_id=f"d{n}", registered_on=face.DAY) for n in range(40))
    Prediction.objects.bulk_create(
        Prediction(customer=one, as_of=face.DAY, model=model, probability=Decimal("0.5"), risk_level="high")
        for one in more
    )
    Assignee.objects.bulk_create(Assignee(customer=one, user=boss.user) for one in more)
    with CaptureQueriesContext(connection) as many:
        assert len(boss.get(reverse(LIST)).context["cl"].result_list) == 45
    assert len(many) == len(few)


def test_the_list_says_what_those_on_it_are_worth_together(five, boss):
    for number, one in enumerate(Prediction.objects.order_by("customer_id")):
        Prediction.objects.filter(pk=one.pk).update(
            monthly_value=None if number == 4 else Decimal("1000.25") * number,
            risk_level="high" if number % 2 else "low",
        )
    for query, sum_ in {"": "6,001.50", "?risk_level__exact=high": "4,001.00", "?assigned=me": None}.items():
        shown = boss.get(reverse(LIST) + query)
        assert shown.context["worth"] == sum_, query
        assert (f"{sum_} a month" in shown.content.decode()) == (sum_ is not None)
