"""The daily figures, against counts by hand."""

import datetime as dt
from decimal import Decimal

import pytest

from customers.models import Customer
from predictions import figures, outcomes, registry, scoring
from predictions.models import DailyFigures, Prediction
from tests.predictions.model_rows import make_model
from tests.predictions.shops import AS_OF, open_shop

pytestmark = pytest.mark.django_db
DAY = dt.date(2017, 9, 30)
WEEK = dt.timedelta(days=7)
# probability, level, monthly value, outcome
ROWS = (
    ("0.000000", "low", "10.00", False),
    ("0.049999", "low", "20.00", False),
    ("0.050000", "low", "30.00", True),
    ("0.300000", "medium", "40.10", False),
    ("0.500000", "high", "50.25", True),
    ("0.550000", "high", None, None),
    ("0.700000", "critical", "70.50", True),
    ("1.000000", "critical", "80.05", None),
)


@pytest.fixture
def model():
    return make_model("m")


def scored(model, day, rows=ROWS):
    for number, (chance, level, value, churned) in enumerate(rows):
        customer, _new = Customer.objects.get_or_create(
            customer_id=f"c{number}", defaults={"registered_on": DAY - dt.timedelta(days=99), "region": "East"}
        )
        Prediction.objects.create(
            customer=customer,
            as_of=day,
            model=model,
            probability=Decimal(chance),
            risk_level=level,
            lifecycle_stage="active",
            monthly_value=None if value is None else Decimal(value),
            churned=churned,
        )


def test_a_day_is_counted_as_by_hand(model):
    scored(model, DAY)
    figures.keep(DAY)
    kept = DailyFigures.objects.get()
    assert (kept.n_low, kept.n_medium, kept.n_high, kept.n_critical) == (3, 1, 2, 2)
    assert (kept.n_scored, kept.n_at_risk) == (8, 4)
    assert kept.value_at_risk == Decimal("200.80")  # 50.25 + 70.50 + 80.05; one is not known
    assert (kept.n_closed, kept.n_churned, kept.churn_rate) == (6, 3, 0.5)
    assert kept.horizon_days == model.horizon_days


def test_a_step_of_the_distribution_begins_with_its_lower_bound_and_the_last_has_both(model):
    scored(model, DAY)
    steps = figures.of(Prediction.objects.all(), as_of=DAY).histogram
    assert {number: n for number, n in enumerate(steps) if n} == {0: 2, 1: 1, 6: 1, 10: 1, 11: 1, 14: 1, 19: 1}
    assert len(steps) == 20


@pytest.mark.parametrize("step", range(20))
def test_every_bound_of_a_step_belongs_to_the_step_above(model, step):
    scored(model, DAY, [(f"{step / 20:.6f}", "low", None, None)])
    assert figures.of(Prediction.objects.all(), as_of=DAY).histogram[step] == 1


def test_only_the_rows_that_are_given_are_counted(model):
    scored(model, DAY)
    scored(model, DAY - WEEK)
    Customer.objects.filter(customer_id__in=("c4", "c0")).update(region="West")
    of_west = figures.of(Prediction.objects.filter(customer__region="West"), as_of=DAY)
    assert (of_west.n_scored, of_west.n_at_risk, of_west.value_at_risk) == (2, 1, Decimal("50.25"))
    assert not DailyFigures.objects.exists()


def test_kept_figures_of_regions_are_what_counting_them_would_give(model):
    scored(model, DAY)
    Customer.objects.filter(customer_id__in=("c4", "c0")).update(region="West")
    Customer.objects.filter(customer_id="c6").update(region="")
    figures.keep(DAY)
    for regions in (["West"], ["East"], ["East", "West"], ["", "West"], ["North"]):
        counted = figures.of(Prediction.objects.filter(customer__region__in=regions), as_of=DAY)
        kept = figures.of_regions(DailyFigures.objects.get(), regions)
        for name in (
            "n_low",
            "n_medium",
            "n_high",
            "n_critical",
            "value_at_risk",
            "histogram",
            "n_closed",
            "n_churned",
        ):
            assert getattr(kept, name) == getattr(counted, name), (regions, name)


def test_with_very_many_regions_they_are_not_kept_apart(model, monkeypatch):
    monkeypatch.setattr(figures, "MOST_REGIONS", 1)
    scored(model, DAY)
    Customer.objects.filter(customer_id="c0").update(region="West")
    figures.keep(DAY)
    assert DailyFigures.objects.get().n_scored == 8
    assert figures.of_regions(DailyFigures.objects.get(), ["West"]) is None


def test_without_anybody_at_risk_the_value_is_nought_and_without_known_values_it_is_unknown(model):
    scored(model, DAY, ROWS[:3])
    scored(model, DAY - WEEK, [ROWS[5]])
    assert figures.of(Prediction.objects.all(), as_of=DAY).value_at_risk == 0
    assert figures.of(Prediction.objects.all(), as_of=DAY - WEEK).value_at_risk is None


def test_a_day_without_known_outcomes_has_no_churn_rate(model):
    scored(model, DAY, [ROWS[5]])
    assert figures.of(Prediction.objects.all(), as_of=DAY).churn_rate is None


def test_missing_days_are_filled_once_and_the_others_left(model):
    scored(model, DAY)
    scored(model, DAY - WEEK)
    figures.keep(DAY)
    assert figures.keep_missing() == [DAY - WEEK]
    assert figures.keep_missing() == []
    assert DailyFigures.objects.count() == 2


def test_a_day_that_has_lost_its_rows_loses_its_figures_when_it_is_counted_again(model):
    scored(model, DAY)
    figures.keep(DAY)
    Prediction.objects.all().delete()
    figures.keep(DAY)
    assert not DailyFigures.objects.exists()


@pytest.mark.parametrize(("ago", "found"), [(6, False), (7, True), (13, True), (14, False)])
def test_a_day_is_compared_with_one_of_the_week_before_last(model, ago, found):
    day = DAY - dt.timedelta(days=ago)
    scored(model, day)
    figures.keep(day)
    assert figures.before(DAY) == (day if found else None)


def test_scoring_keeps_the_figures_and_closing_counts_who_left():
    open_shop()
    registry.promote(model=make_model("first"), user=None, reason="")
    day = AS_OF - WEEK
    summary = scoring.score(as_of=day)
    kept = DailyFigures.objects.get()
    assert (kept.n_scored, kept.n_closed) == (summary.scored, 0)
    outcomes.close(today=AS_OF)
    kept.refresh_from_db()
    rows = Prediction.objects.filter(as_of=day)
    assert kept.n_closed == rows.count()
    assert kept.n_churned == rows.filter(churned=True).count() > 0
    values = rows.filter(risk_level__in=("high", "critical")).values_list("monthly_value", flat=True)
    assert kept.value_at_risk == sum(values)


def test_a_day_scored_again_is_counted_again(model):
    open_shop()
    registry.promote(model=model, user=None, reason="")
    scoring.score(as_of=AS_OF)
    DailyFigures.objects.update(n_low=10**6)
    scoring.score(as_of=AS_OF)
    assert DailyFigures.objects.get().n_scored == Prediction.objects.count()
