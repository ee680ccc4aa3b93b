"""A customer's page tells its health: the figures, why they moved, where it goes, and what to do."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from customers.models import Customer
from healthscore import scoring
from healthscore.admin.band import band
from healthscore.models import HealthAlert, HealthDay, HealthScore, Override
from predictions.models import Prediction
from tests import face
from tests.healthscore.accounts import AS_OF, TIERS, day, store
from tests.healthscore.test_scoring import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = AS_OF
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def scored():
    """Customers with twenty days of scores: one who fades, one who is steady, one with hardly any data."""
    store(people())
    scoring.score(as_of=AS_OF, since=day(-20), changes={"adoption_tiers": TIERS})
    return {one.customer_id: one for one in Customer.objects.all()}


def panel(browser, customer) -> dict:
    response = browser.get(reverse("admin:customers_customer_change", args=[customer.pk]) + "?tab=health")
    assert response.status_code == 200
    return next(one for one in response.context["panels_above"] if one["template"].endswith("card.html"))


def page(browser, customer, language="en") -> str:
    address = reverse("admin:customers_customer_change", args=[customer.pk]) + "?tab=health"
    return browser.get(address, headers={"accept-language": language}).content.decode()


def test_the_card_has_the_eight_dimensions_with_weights_parts_and_figures(staff, scored):
    found = panel(staff, scored["C001"])
    row = HealthScore.objects.get(customer=scored["C001"], as_of=AS_OF)
    assert found["score"] == f"{row.score:.2f}"
    assert [one["weight"] for one in found["dimensions"]] == ["15%", "20%", "15%", "10%", "10%", "10%", "10%", "10%"]
    assert sum(len(one["parts"]) for one in found["dimensions"]) == 19
    usage = found["dimensions"][0]["parts"][0]
    assert usage["figure"] == "days with a login: 11"


def test_a_dimension_without_data_says_so_and_has_no_bar(staff, scored):
    found = panel(staff, scored["C002"])
    support = next(one for one in found["dimensions"] if one["title"] == "Support")
    assert (support["value"], support["score"]) == (None, "no data")
    text = page(staff, scored["C002"])
    assert text.count("<meter") == sum(one["value"] is not None for one in found["dimensions"])


def test_the_change_is_told_part_by_part_with_its_facts(staff, scored):
    reasons = panel(staff, scored["C001"])["reasons"]
    assert any("days with a login" in one["sentence"] and one["is_down"] for one in reasons)


def test_the_trend_has_a_forecast_with_its_band(staff, scored):
    found = panel(staff, scored["C001"])
    assert "Forecast with 95 % band" in str(found["curve"])
    assert found["has_forecast"]


def test_the_band_is_no_wider_than_a_straight_course_and_as_wide_as_its_jumps():
    days = [AS_OF + dt.timedelta(days=n) for n in range(20)]
    until = days[-1] + dt.timedelta(days=30)
    straight = [(one, 0.3 + 0.01 * n) for n, one in enumerate(days)]
    ahead, low, high = band(points=straight, forecast=0.79, until=until)
    assert (len(ahead), ahead[-1]) == (31, until)
    assert low == pytest.approx(high)
    assert low[-1] == pytest.approx(0.79)
    jumpy = [(one, 0.5 + (0.1 if n % 2 else 0)) for n, one in enumerate(days)]
    _ahead, low, high = band(points=jumpy, forecast=0.6, until=until)
    assert (low[0], low[-1], high[-1]) == pytest.approx((0.6, 0.5, 0.7))


def test_open_alerts_and_next_steps_are_on_the_card(staff, scored):
    found = panel(staff, scored["C001"])
    codes = HealthAlert.objects.filter(customer=scored["C001"]).exclude(state="closed").count()
    assert len(found["alerts"]) == codes > 0
    assert len(found["steps"]) == 3


def test_a_customer_without_a_score_has_the_reason_instead(staff, scored):
    assert "nothing to score from" in panel(staff, scored["C003"])["why_none"]
    assert "not registered before" in panel(staff, scored["C004"])["why_none"]


def test_before_the_first_day_the_card_says_what_to_do(staff):
    store(people()[:1])
    assert "compute_health" in panel(staff, Customer.objects.get())["why_none"]


def test_a_set_grade_stands_beside_the_computed_one(staff, scored):
    dates = {"starts_on": AS_OF, "expires_on": day(9)}
    Override.objects.create(customer=scored["C001"], grade="excellent", reason="signed yesterday", **dates)
    found = panel(staff, scored["C001"])
    assert "excellent" in found["override"]["grade"]
    assert "excellent" not in found["grade"]
    assert "signed yesterday" in page(staff, scored["C001"])


def test_where_health_and_the_risk_of_leaving_disagree_strongly_the_card_says_so(staff, scored):
    HealthScore.objects.filter(customer=scored["C002"]).update(grade="good")
    model = face.model_version()
    given = {
        "as_of": AS_OF,
        "model": model,
        "probability": "0.9",
        "risk_level": "critical",
        "lifecycle_stage": "active",
    }
    Prediction.objects.create(customer=scored["C002"], **given)
    assert panel(staff, scored["C002"])["churn"]["disagrees"]
    assert "disagree strongly" in page(staff, scored["C002"])


def test_a_source_that_failed_is_said_on_the_card(staff, scored):
    HealthDay.objects.filter(as_of=AS_OF).update(failures=[{"source": "sales", "error": "OSError: gone"}])
    assert "OSError: gone" in page(staff, scored["C001"])


def test_in_chinese_the_card_is_in_chinese(staff, scored):
    text = re.sub(r"<[^>]+>", " ", page(staff, scored["C001"], "zh-hans"))
    assert "这位客户状况如何" in text


def test_who_may_not_see_health_does_not_see_the_card(client, scored):
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_customer"))
    client.force_login(user)
    assert "How is this customer doing?" not in page(client, scored["C001"])
