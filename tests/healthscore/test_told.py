"""Other systems hear of each alert once, when it is opened, and whether the customer is held back."""

import pytest

from customers.models import Customer, Event, Hold, Webhook
from healthscore import scoring
from healthscore.models import HealthAlert
from tests.healthscore.accounts import AS_OF, day, store
from tests.healthscore.test_scoring import fading, steady

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook():
    return Webhook.objects.create(url="https://crm.example/", kinds=["health.alert"])


def test_each_alert_is_told_of_once_when_it_is_opened(webhook):
    store([fading(), steady()])
    scoring.score(as_of=AS_OF)
    opened = list(HealthAlert.objects.select_related("customer"))
    told = [event.data for event in Event.objects.all()]
    assert len(opened) > 3
    assert sorted((one["customer_id"], one["code"]) for one in told) == sorted(
        (alert.customer.customer_id, alert.code) for alert in opened
    )
    for alert in opened:
        (data,) = (one for one in told if one["code"] == alert.code)
        facts = {name: getattr(alert, name) for name in ("severity", "value", "threshold")}
        assert data == {
            "customer_id": "C001",
            "code": alert.code,
            **facts,
            "opened_on": AS_OF.isoformat(),
            "held_back": None,
        }
    scoring.score(as_of=AS_OF)
    scoring.score(as_of=day(1))
    again = [one.data["code"] for one in Event.objects.all()]
    assert len(again) == len(set(again)) == HealthAlert.objects.count()


def test_an_alert_of_who_is_held_back_says_so(webhook):
    (customer,) = store([fading()])
    Hold.objects.create(customer=customer, kind="opt_out", source="opt-out", since=day(-400))
    scoring.score(as_of=AS_OF)
    assert {event.data["held_back"]["kind"] for event in Event.objects.all()} == {"opt_out"}


def test_where_nobody_listens_nothing_is_stored():
    store([fading()])
    scoring.score(as_of=AS_OF)
    assert HealthAlert.objects.exists()
    assert not Event.objects.exists()
    assert Customer.objects.count() == 1
