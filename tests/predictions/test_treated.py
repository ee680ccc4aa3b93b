"""Treated customers: marked, not learned from, and left out of quality and drift; without any, nothing is otherwise."""

import datetime as dt

import pytest

from customers.clock import start_of
from customers.models import Customer, Intervention
from predictions import drift, outcomes, registry, scoring, training_data
from predictions.models import DailyQuality, Drift, Prediction
from predictions.treated import treated_features, treated_labels

from .model_rows import make_model
from .shops import AS_OF, open_shop
from .test_training import shop, train

__all__ = ["shop"]

pytestmark = pytest.mark.django_db

CLOSED = AS_OF + dt.timedelta(days=7)


@pytest.fixture
def scored():
    open_shop()
    registry.promote(model=make_model("first"), user=None, reason="")
    scoring.score(as_of=AS_OF)


def treat(customer: Customer, moment: dt.datetime) -> None:
    Intervention.objects.create(
        intervention_id=f"V{Intervention.objects.count()}", customer=customer, occurred_at=moment, kind="coupon"
    )


def some(n: int) -> list[Customer]:
    return [one.customer for one in Prediction.objects.order_by("customer_id").select_related("customer")[:n]]


def noon(days: int) -> dt.datetime:
    return start_of(AS_OF + dt.timedelta(days=days)) + dt.timedelta(hours=12)


@pytest.mark.parametrize(
    ("days", "of_label", "of_features"), [(-21, 0, 0), (-20, 0, 1), (-1, 0, 1), (0, 1, 0), (6, 1, 0), (7, 0, 0)]
)
def test_a_treatment_belongs_to_the_days_of_the_label_or_of_the_features(days, of_label, of_features):
    customer = Customer.objects.create(customer_id="C1", registered_on=AS_OF - dt.timedelta(days=99))
    treat(customer, noon(days))
    treat(customer, noon(days))
    assert len(treated_labels(as_of=AS_OF, horizon_days=7)) == of_label
    assert len(treated_features(as_of=AS_OF)) == of_features


def test_outcomes_of_treated_customers_are_marked(scored):
    treated, before, after = some(3)
    treat(treated, noon(2))
    treat(before, noon(-1))
    treat(after, noon(7))
    assert not Prediction.objects.exclude(is_treated=None).exists()
    outcomes.close(today=CLOSED)
    assert [one.customer for one in Prediction.objects.filter(is_treated=True)] == [treated]
    assert not Prediction.objects.filter(is_treated=None).exists()


def test_a_days_quality_is_measured_on_untreated_customers_and_both_are_counted(scored):
    people = some(5)
    for one in people:
        treat(one, noon(0))
    outcomes.close(today=CLOSED)
    quality = DailyQuality.objects.get()
    untreated = Prediction.objects.exclude(customer__in=people)
    assert (quality.n_treated, quality.n_predictions) == (5, untreated.count())
    assert quality.metrics["n"] == untreated.count()
    assert quality.n_churned == untreated.filter(churned=True).count()
    assert quality.metrics["base_rate"] == pytest.approx(quality.n_churned / quality.n_predictions)


def test_a_treatment_reported_late_marks_the_outcome_and_measures_the_day_again(scored):
    outcomes.close(today=CLOSED)
    treat(some(1)[0], noon(3))
    result = outcomes.close(today=CLOSED + dt.timedelta(days=2))
    assert (result["closed"], result["corrected"], result["days"]) == (0, 0, [AS_OF.isoformat()])
    assert DailyQuality.objects.get().n_treated == 1
    assert outcomes.close(today=CLOSED + dt.timedelta(days=2))["days"] == []


def test_without_treatments_a_days_quality_is_what_it_was(scored):
    outcomes.close(today=CLOSED)
    quality = DailyQuality.objects.get()
    assert (quality.n_treated, quality.n_predictions) == (0, Prediction.objects.count())


def test_treated_rows_are_not_trained_on_and_the_same_customers_at_other_dates_are():
    open_shop(n_customers=8, n_days=190)
    customer = Customer.objects.order_by("customer_id").first()
    before = collected()
    day = before.dates[3]
    treat(customer, start_of(day) + dt.timedelta(days=6, hours=23))
    after = collected()
    gone = rows_of(before) - rows_of(after)
    assert rows_of(after) < rows_of(before)
    assert {row[0] for row in gone} == {customer.pk}
    assert {dt.date.fromordinal(row[1]) for row in gone} == {day}
    assert (before.n_treated, after.n_treated) == (0, 1)


def collected() -> training_data.Collected:
    return training_data.collect(as_of=AS_OF, horizon_days=7, advance=training_data.Advance())


def rows_of(found: training_data.Collected) -> set[tuple[int, int]]:
    return set(found.frame.select("customer_pk", "day").iter_rows())


def test_treatments_that_touch_no_label_and_no_window_leave_the_model_bit_for_bit(shop):
    first = train()
    treat(Customer.objects.first(), noon(0))
    again = train()
    assert (again.version, again.signature, again.metrics) == (first.version, first.signature, first.metrics)
    assert again.data["rows_treated"] == 0


def test_drift_is_measured_without_customers_whose_features_show_a_treatment(shop):
    train()
    scoring.score(as_of=AS_OF)
    drift.measure(as_of=AS_OF)
    whole = dict(Drift.objects.values_list("feature", "psi"))
    unmoved = drift.measure(as_of=AS_OF)
    assert (unmoved["treated"], dict(Drift.objects.values_list("feature", "psi"))) == (0, whole)
    riskiest = Prediction.objects.order_by("-probability").select_related("customer")[:30]
    for one in riskiest:
        treat(one.customer, noon(-3))
    result = drift.measure(as_of=AS_OF)
    assert (result["treated"], result["measured"]) == (30, 89)
    assert Drift.objects.get(feature="score").psi != whole["score"]
