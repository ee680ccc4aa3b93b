"""Who left, how the scores stand against it, and whether overrides were right."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.models import Customer
from healthscore import configurations, leaving, overrides, sources, truth
from healthscore.models import HealthDay, HealthScore, Override
from tests.healthscore.accounts import AS_OF, day, deal, store
from tests.healthscore.plain import Account

EARLIER = day(-150)
pytestmark = pytest.mark.django_db


def left(accounts, today=AS_OF, **fields):
    kept = store(accounts)
    for customer in kept:
        Customer.objects.filter(pk=customer.pk).update(**fields)
    with sources.read(since=today, until=today) as facts:
        found = dict(leaving.left_on(facts=facts, today=today).iter_rows())
    return [found.get(customer.pk) for customer in kept]


def test_a_status_other_than_active_counts_from_its_date():
    assert left([Account(day(-400))], account_status="closed", status_since=day(-5)) == [day(-5)]


@pytest.mark.parametrize(
    "fields",
    [
        {"account_status": "active", "status_since": day(-5)},
        {"account_status": "closed", "status_since": None},
        {"account_status": "closed", "status_since": AS_OF},
    ],
)
def test_an_active_status_one_without_a_date_and_one_of_today_tell_nothing(fields):
    assert left([Account(day(-400))], **fields) == [None]


@pytest.mark.parametrize(
    ("sales", "expected"),
    [
        ([deal(-396, months=12.0, renewal_on=day(-31))], day(-31)),
        ([deal(-396, months=12.0, renewal_on=day(-30))], None),
        ([deal(-396, renewal_on=day(-31)), deal(-91, stage="renewed")], None),
        ([deal(-396, renewal_on=day(-31)), deal(-92, stage="renewed", months=1.0)], day(-31)),
        ([deal(-396, renewal_on=day(-31)), deal(-1, stage="renewed")], None),
        ([deal(-396, renewal_on=day(-31)), deal(-300, months=24.0)], None),
        ([deal(-396, renewal_on=day(-31), stage="lost")], None),
        ([deal(-800, renewal_on=day(-435)), deal(-396, renewal_on=day(-31))], day(-435)),
    ],
    ids=[
        "not renewed",
        "not known yet",
        "renewed 60 before",
        "61 before",
        "renewed 30 after",
        "other",
        "lost",
        "first",
    ],
)
def test_a_contract_that_ended_without_renewal_counts_from_its_renewal_date(sales, expected):
    assert left([Account(day(-900), sales=sales)]) == [expected]


def scored(customer, score, grade, as_of):
    breakdown = {
        name: {"score": score if name == "usage" else None, "parts": {}}
        for name in ("usage", "payment", "support", "engagement", "adoption", "satisfaction", "lifecycle", "value")
    }
    HealthDay.objects.get_or_create(
        as_of=as_of, defaults={"configuration": configurations.active(), "n_scored": 1, "n_not_scored": 0}
    )
    return HealthScore.objects.create(
        customer=customer,
        as_of=as_of,
        score=Decimal(str(score)),
        grade=grade,
        breakdown=breakdown,
        coverage=1.0,
        direction="stable",
        sources=[],
        configuration=configurations.active(),
        calculated_at=timezone.now(),
    )


def history(n_left, n_stayed, as_of=EARLIER):
    """As many who left with scores from 0.2, and who stayed with scores from 0.6; one who left had 0.9."""
    kept = store([Account(day(-900)) for _ in range(n_left + n_stayed)])
    for number, customer in enumerate(kept):
        has_left = number < n_left
        score, grade = (0.9, "excellent") if number == 0 else (0.2, "critical") if has_left else (0.7, "good")
        scored(customer, score, grade, as_of)
        scored(customer, score, grade, as_of + dt.timedelta(days=1))
        if has_left:
            Customer.objects.filter(pk=customer.pk).update(account_status="closed", status_since=day(-100))
    return kept


def test_the_auc_is_that_of_low_scores_for_those_who_left():
    kept = history(10, 20)
    found = truth.measure(version=configurations.active(), today=AS_OF)
    assert (found.n, found.n_left, found.dates) == (30, 10, (day(-150),))
    assert found.auc == pytest.approx(0.9)
    assert found.by_dimension == {name: pytest.approx(0.9) if name == "usage" else None for name in found.by_dimension}
    assert {one.name: (one.n, one.n_left) for one in found.grades} == {
        "excellent": (1, 1),
        "good": (20, 0),
        "critical": (9, 9),
    }
    assert [(one["customer_pk"], one["score"]) for one in found.surprises] == [(kept[0].pk, 0.9)]
    low, high = found.grades[1].interval
    assert low == pytest.approx(0, abs=1e-9)
    assert 0 < high < 0.2


def test_with_too_few_it_says_so_in_place_of_a_figure():
    history(9, 20)
    found = truth.measure_all(today=AS_OF)[0]
    assert (found.auc, found.weakest_sign) == (None, None)
    assert found.reason.endswith("so far 9 left and 20 stayed.")


def test_dates_whose_days_are_not_over_are_left_out():
    history(10, 20, as_of=day(-119))
    found = truth.measure(version=configurations.active(), today=AS_OF)
    assert (found.n, found.dates) == (0, ())


def override(customer, grade, starts=-150, ends=-120):
    return Override.objects.create(
        customer=customer, grade=grade, reason="New sponsor", starts_on=day(starts), expires_on=day(ends)
    )


@pytest.mark.parametrize(
    ("grade", "since", "verdict"),
    [
        ("good", None, "right"),
        ("good", -100, "wrong"),
        ("critical", -100, "right"),
        ("at_risk", None, "wrong"),
        ("good", -60, "right"),
        ("good", -151, "undecided"),
    ],
)
def test_an_override_is_judged_by_whether_the_customer_left_within_its_ninety_days(grade, since, verdict):
    customer = store([Account(day(-900))])[0]
    if since is not None:
        Customer.objects.filter(pk=customer.pk).update(account_status="closed", status_since=day(since))
    override(customer, grade)
    assert overrides.judge(today=AS_OF) == 1
    found = Override.objects.get()
    assert (found.verdict, found.judged_on) == (verdict, AS_OF)
    assert overrides.verdict_told(found)
    assert overrides.judge(today=AS_OF) == 0


def test_an_override_that_still_holds_or_is_too_young_is_not_judged():
    customer = store([Account(day(-900))])[0]
    override(customer, "good", ends=1)
    override(customer, "good", starts=-119, ends=-100)
    assert overrides.judge(today=AS_OF) == 0


def test_an_override_survives_the_recomputation_of_its_day():
    from healthscore import scoring

    customer = store([Account(day(-900), payment_status="late")])[0]
    override(customer, "excellent", starts=-1, ends=5)
    scoring.score(as_of=AS_OF)
    scoring.score(as_of=AS_OF)
    assert Override.objects.get().grade == "excellent"
    assert HealthScore.objects.get().grade == "at_risk"
