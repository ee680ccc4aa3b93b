"""The figures of two years of scores and leavers, held against the same counted row by row; and as a job keeps them."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone
from sklearn.metrics import roc_auc_score

from churnsite import steps
from customers.commands import Advance
from customers.models import Customer, Job, UserScope
from healthscore import configurations, tasks, truth, truth_kept
from healthscore.dimensions.catalogue import NAMES
from healthscore.models import HealthDay, HealthScore

TODAY = dt.date(2024, 4, 10)
N = 100
MONTHS = [dt.date(2022 + month // 12, month % 12 + 1, 1) for month in range(2, 27)]
# Known until 30 days before today, and 90 days more must be over: 2023-12-12. So 22 months count, of 25.
COUNTED = MONTHS[:22]
PAGE = "admin:healthscore_healthscore_truth"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.BUSINESS_DATE = TODAY


@pytest.fixture
def rows():
    """Two years in the database, as (customer, as_of, score, grade, scores of dimensions, left on or None)."""
    chance = random.Random(11)
    names = [f"C{number:03}" for number in range(N)]
    Customer.objects.bulk_create(_customer(name, chance) for name in names)
    made = [
        (customer, month, *_scores(chance, _days_left(customer, month)), customer.status_since)
        for month in MONTHS
        for customer in Customer.objects.order_by("pk")
    ]
    days = [day for month in MONTHS for day in (month, month + dt.timedelta(days=1))]
    active = configurations.active()
    HealthDay.objects.bulk_create(HealthDay(as_of=day, configuration=active, n_scored=N) for day in days)
    HealthScore.objects.bulk_create(_stored(*row[:5], active) for row in made)
    # The second day of a month says the opposite, and must not count.
    HealthScore.objects.bulk_create(
        _stored(customer, month + dt.timedelta(days=1), round(1 - score, 4), "good", dimensions, active)
        for customer, month, score, _grade, dimensions, _left in made
    )
    return made


def _customer(name, chance):
    left = MONTHS[0] + dt.timedelta(days=chance.randrange(900))
    has_left = chance.random() < 0.6 and left < TODAY
    return Customer(
        customer_id=name,
        registered_on=dt.date(2021, 1, 1),
        account_status="closed" if has_left else "active",
        status_since=left if has_left else None,
    )


def _days_left(customer, month):
    return (customer.status_since - month).days if customer.status_since else 1_000


def _scores(chance, days):
    """Low scores mostly before leaving; usage tells much, payment the wrong way, value has hardly any data."""
    base = 0.35 if 0 <= days < 90 else 0.65
    score = round(min(max(chance.gauss(base, 0.2), 0), 1), 4)
    dimensions = dict.fromkeys(NAMES)
    dimensions["usage"] = round(min(max(chance.gauss(base, 0.1), 0), 1), 4)
    dimensions["payment"] = round(1 - score * chance.random(), 4)
    dimensions["support"] = round(chance.random(), 1) if chance.random() < 0.5 else None
    dimensions["value"] = 0.5 if chance.random() < 0.001 else None
    grade = "excellent" if score >= 0.8 else "good" if score >= 0.6 else "at_risk" if score >= 0.3 else "critical"
    return score, grade, dimensions


def _stored(customer, as_of, score, grade, dimensions, configuration):
    return HealthScore(
        customer=customer,
        as_of=as_of,
        score=Decimal(str(score)),
        grade=grade,
        breakdown={name: {"score": value, "parts": {}} for name, value in dimensions.items()},
        coverage=1.0,
        direction="stable",
        sources=[],
        configuration=configuration,
        calculated_at=timezone.now(),
    )


def counted(rows):
    """The rows that count, with whether they left: over by today, not left before."""
    return [
        (*row, row[5] is not None and (row[5] - row[1]).days < 90)
        for row in rows
        if row[1] in COUNTED and not (row[5] and row[5] < row[1])
    ]


def test_auc_calibration_and_dimensions_are_those_of_the_rows_one_by_one(rows):
    found = truth.measure(version=configurations.active(), today=TODAY)
    mine = counted(rows)
    left = [row[6] for row in mine]
    assert found.dates == tuple(COUNTED)
    assert (found.n, found.n_left) == (len(mine), sum(left))
    assert found.n_left > 50
    assert found.auc == pytest.approx(roc_auc_score(left, [-row[2] for row in mine]), abs=1e-12)
    assert found.auc > 0.7
    for name in ("usage", "payment", "support"):
        known = [row for row in mine if row[4][name] is not None]
        expected = roc_auc_score([row[6] for row in known], [-row[4][name] for row in known])
        assert found.by_dimension[name] == pytest.approx(expected, abs=1e-12), name
    assert [name for name, auc in found.by_dimension.items() if auc is not None] == ["usage", "payment", "support"]
    assert found.weakest_sign == "payment"


def test_grades_and_ranges_of_scores_count_each_row_once(rows):
    found = truth.measure(version=configurations.active(), today=TODAY)
    mine = counted(rows)
    for one in found.grades:
        of_grade = [row for row in mine if row[3] == one.name]
        assert (one.n, one.n_left) == (len(of_grade), sum(row[6] for row in of_grade)), one.name
        assert one.mean_score == pytest.approx(sum(row[2] for row in of_grade) / one.n, abs=1e-4)
    for number, one in enumerate(found.bins):
        inside = [row for row in mine if min(int(row[2] * 5), 4) == number]
        assert (one.n, one.n_left) == (len(inside), sum(row[6] for row in inside)), one.name
        assert one.share == sum(row[6] for row in inside) / len(inside)
    assert sum(one.n for one in found.grades) == sum(one.n for one in found.bins) == len(mine)


def test_green_accounts_that_left_come_once_each_with_their_highest_score(rows):
    found = truth.measure(version=configurations.active(), today=TODAY)
    best = {}
    for customer, as_of, score, grade, dimensions, left_on, has_left in counted(rows):
        if has_left and grade in ("excellent", "good") and score > best.get(customer.pk, (0,))[0]:
            known = {name: value for name, value in dimensions.items() if value is not None}
            best[customer.pk] = (score, as_of, left_on, sorted(known, key=lambda name: -known[name])[:2])
    assert len(best) > 5
    assert {
        one["customer_pk"]: (one["score"], one["as_of"], one["left_on"], one["looked_best"]) for one in found.surprises
    } == best
    assert found.n_surprises == len(best)
    assert [one["score"] for one in found.surprises] == sorted((row[0] for row in best.values()), reverse=True)


def test_what_a_job_keeps_is_what_was_measured(rows, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = truth_kept.ask()
    job.refresh_from_db()
    assert (job.state, job.n_done) == ("done", len(COUNTED))
    kept = truth_kept.latest()
    assert kept.today == TODAY
    assert list(kept.versions) == truth.measure_all(today=TODAY)
    assert "C0" not in str(job.result)


@pytest.fixture
def large(rows, monkeypatch):
    monkeypatch.setattr(truth_kept, "LARGE", N)


@pytest.fixture
def boss(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_the_page_of_a_large_company_measures_nothing_and_shows_what_a_job_measured(
    large, boss, monkeypatch, settings, django_capture_on_commit_callbacks
):
    text = boss.get(reverse(PAGE)).content.decode()
    assert "Not measured yet" in text
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.post(reverse(PAGE)).status_code == 302
    expected = truth.measure(version=configurations.active(), today=TODAY)
    settings.BUSINESS_DATE = TODAY + dt.timedelta(days=1)
    monkeypatch.setattr(truth, "measure_all", None)
    text = boss.get(reverse(PAGE)).content.decode()
    assert f"As of {TODAY}" in text
    assert f"AUC {expected.auc:.3f}" in text
    assert f"In good health, and left: {expected.n_surprises}" in text
    assert Customer.objects.get(pk=expected.surprises[0]["customer_pk"]).customer_id in text


def test_while_it_is_measured_the_page_asks_again_and_starts_no_second_job(large, boss):
    boss.post(reverse(PAGE))
    boss.post(reverse(PAGE))
    page = boss.get(reverse(PAGE))
    assert page["Refresh"]
    assert "<progress" in page.content.decode()
    assert Job.objects.filter(kind=tasks.measure_truth.name).count() == 1


def test_the_page_of_a_small_company_takes_no_order(rows, boss):
    assert boss.post(reverse(PAGE)).status_code == 403
    assert not Job.objects.exists()


def test_users_limited_to_some_customers_see_only_their_own_by_name_and_may_not_have_it_measured(
    large, client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        truth_kept.ask()
    mine, other = (Customer.objects.get(pk=one["customer_pk"]) for one in truth_kept.latest().versions[0].surprises[:2])
    Customer.objects.filter(pk=mine.pk).update(region="East")
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_healthscore"))
    UserScope.objects.create(user=reader, regions=["East"])
    client.force_login(reader)
    text = client.get(reverse(PAGE)).content.decode()
    assert "In good health, and left: 1" in text
    assert mine.customer_id in text
    assert other.customer_id not in text
    assert "Measure now" not in text
    assert client.post(reverse(PAGE)).status_code == 403


def test_the_daily_step_has_it_measured_once_a_week_and_forgets_what_was_before(
    large, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("healthscore.scoring.score", lambda **_given: None)
    monkeypatch.setattr("healthscore.scoring.summary_document", lambda _summary: {"scored": N})
    made = []
    for age in (0, 6, 8):
        Job.objects.update(created_at=timezone.now() - dt.timedelta(days=age))
        with django_capture_on_commit_callbacks(execute=True):
            steps.score_health(TODAY, Advance())
        made.append(Job.objects.count())
    assert made == [1, 1, 2]
    truth_kept.refresh()
    assert Job.objects.filter(result__isnull=True).count() == 1
    assert truth_kept.latest().versions


def test_a_small_company_stores_nothing_daily(rows):
    assert truth_kept.refresh() is None
    assert not Job.objects.exists()
