"""Health scores past their retention: they move to the archive, all but what the page of truth rests on."""

import datetime as dt
from decimal import Decimal

import pytest

from customers import archive
from customers.models import Customer
from healthscore import configurations, retention, truth
from healthscore.models import HealthDay, HealthScore, NotScored
from tests import face

pytestmark = pytest.mark.django_db
D = dt.date(2026, 3, 2)
OLD = D - dt.timedelta(days=800)


def scored(*days: dt.date) -> None:
    """The scores of a customer on some days, and another without one."""
    version = configurations.active()
    one = Customer.objects.get_or_create(customer_id="007", defaults={"registered_on": dt.date(2020, 1, 1)})[0]
    other = Customer.objects.get_or_create(customer_id="008", defaults={"registered_on": dt.date(2020, 1, 1)})[0]
    for day in days:
        HealthDay.objects.create(as_of=day, configuration=version)
        HealthScore.objects.create(
            customer=one,
            as_of=day,
            score=Decimal("0.6543"),
            grade="good",
            breakdown={"usage": {"score": 0.5, "parts": {}}},
            coverage=0.25,
            mrr=None,
            change_30d=Decimal("-0.0100"),
            direction="stable",
            customer_type="startup",
            sources=["sales"],
            configuration=version,
            calculated_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
        )
        NotScored.objects.create(customer=other, as_of=day, reason="no_data")


def left_online() -> list[dt.date]:
    return list(HealthScore.objects.order_by("as_of").values_list("as_of", flat=True))


def test_scores_leave_after_two_years_but_for_the_first_day_of_each_month():
    first = OLD.replace(day=1)
    scored(first, first + dt.timedelta(days=1), D - dt.timedelta(days=730), D)
    archive.purge(as_of=D)
    assert left_online() == [first, D - dt.timedelta(days=730), D]
    assert list(NotScored.objects.order_by("as_of").values_list("as_of", flat=True)) == left_online()
    assert HealthDay.objects.count() == 4


def test_what_left_is_in_the_archive_as_it_was():
    first = OLD.replace(day=1)
    scored(first, first + dt.timedelta(days=1))
    archive.purge(as_of=D)
    span = {"since": first, "until": D}
    (row,) = archive.scan(kind="health_scores", **span).collect().rows(named=True)
    version = configurations.active()
    assert row == {
        "customer_id": "007",
        "as_of": first + dt.timedelta(days=1),
        "score": 0.6543,
        "grade": "good",
        "breakdown": '{"usage": {"parts": {}, "score": 0.5}}',
        "coverage": 0.25,
        "mrr": None,
        "change_30d": -0.01,
        "forecast_30d": None,
        "grade_before": "",
        "direction": "stable",
        "customer_type": "startup",
        "sources": '["sales"]',
        "configuration": version.digest,
    }
    (gone,) = archive.scan(kind="health_not_scored", **span).collect().rows()
    assert gone == ("008", first + dt.timedelta(days=1), "no_data")


def test_a_dry_run_counts_them_and_moves_none():
    first = OLD.replace(day=1)
    scored(first, first + dt.timedelta(days=1))
    told = archive.purge(as_of=D, dry_run=True)["kinds"]
    assert told["health_scores"]["months"] == {f"{first:%Y-%m}": 1}
    assert told["health_not_scored"]["n_rows"] == 1
    assert len(left_online()) == 2


def test_the_setting_says_how_long(settings):
    settings.HEALTH_RETENTION_DAYS = 180
    scored(D - dt.timedelta(days=182), D - dt.timedelta(days=181), D - dt.timedelta(days=180))
    archive.purge(as_of=D)
    assert D - dt.timedelta(days=181) not in left_online()
    assert D - dt.timedelta(days=180) in left_online()


def test_each_version_keeps_first_days_of_its_own():
    first = OLD.replace(day=1)
    scored(first, first + dt.timedelta(days=1), first + dt.timedelta(days=2))
    other = configurations.for_run({"grades": {"excellent": 0.9}})
    HealthDay.objects.filter(as_of=first + dt.timedelta(days=1)).update(configuration=other)
    assert retention.kept_days() == [first, first + dt.timedelta(days=1)]


def test_the_page_of_truth_says_the_same_after_a_purge():
    first = OLD.replace(day=1)
    scored(*(first + dt.timedelta(days=n) for n in range(0, 60, 7)))
    Customer.objects.update(account_status="closed", status_since=first + dt.timedelta(days=40))
    before = truth.measure_all(today=D)
    assert before[0].n_left
    archive.purge(as_of=D)
    assert len(left_online()) < 9
    assert truth.measure_all(today=D) == before


def test_rows_of_pages_are_kept():
    face.rows(2)
    archive.purge(as_of=face.DAY)
    assert HealthScore.objects.count() == 2
