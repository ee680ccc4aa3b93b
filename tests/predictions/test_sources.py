"""Rows to frames: local days and hours, whole cents, database before archive."""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from customers import archive
from customers.models import Customer, Interaction, Transaction
from predictions import sources

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 3, 10)  # New York's clocks go forward at 02:00


def _buy(name: str, when: dt.datetime, amount: str = "1.00", **given) -> Transaction:
    customer, _ = Customer.objects.get_or_create(customer_id="C1", defaults={"registered_on": DAY})
    return Transaction.objects.create(
        transaction_id=name, customer=customer, occurred_at=when, amount=amount, **{"status": "completed"} | given
    )


def _read(kind="transactions", since=DAY, until=DAY + dt.timedelta(1)) -> pl.DataFrame:
    batches = list(sources.events(kind=kind, since=since, until=until, customers=sources.customers()))
    return pl.concat(batches).sort("day") if batches else pl.DataFrame()


def test_days_begin_and_end_at_midnight_of_the_business_zone():
    zone = ZoneInfo("Asia/Shanghai")
    start = dt.datetime(2024, 3, 10, tzinfo=zone)
    tick = dt.timedelta(microseconds=1)
    for n, when in enumerate([start - tick, start, start + dt.timedelta(1) - tick, start + dt.timedelta(1)]):
        _buy(f"T{n}", when)
    assert _read().select("day", "hour").rows() == [(DAY, 0), (DAY, 23)]


@pytest.mark.parametrize(
    ("zone", "utc", "local"),
    [
        ("America/New_York", "2024-03-10T06:59:59+00:00", 1),
        ("America/New_York", "2024-03-10T07:00:00+00:00", 3),
        ("America/New_York", "2024-11-03T05:30:00+00:00", 1),
        ("America/New_York", "2024-11-03T06:30:00+00:00", 1),
        ("America/New_York", "2024-11-03T07:30:00+00:00", 2),
        ("Australia/Lord_Howe", "2024-10-05T15:45:00+00:00", 2),
        ("Asia/Kolkata", "2024-03-10T00:15:00+00:00", 5),
    ],
)
def test_hours_follow_the_clock_changes_of_the_zone(settings, zone, utc, local):
    settings.TIME_ZONE = zone
    when = dt.datetime.fromisoformat(utc)
    _buy("T", when)
    day = when.astimezone(ZoneInfo(zone)).date()
    around = (day - dt.timedelta(90), day + dt.timedelta(90))
    assert _read(since=around[0], until=around[1]).select("day", "hour").rows() == [(day, local)]


@pytest.mark.parametrize("amount", ["0.01", "19.99", "0.29", "1.15", "999999999999.99", "1000000000000.00"])
def test_amounts_are_exact_cents(amount):
    _buy("T", dt.datetime(2024, 3, 10, 4, tzinfo=dt.UTC), amount)
    assert _read()["cents"].to_list() == [int(amount.replace(".", ""))]


def test_zero_is_a_value_and_blank_is_none():
    customer = Customer.objects.create(customer_id="C1", registered_on=DAY)
    when = dt.datetime(2024, 3, 10, 4, tzinfo=dt.UTC)
    Interaction.objects.create(
        interaction_id="I", customer=customer, occurred_at=when, kind="login", duration_seconds=0
    )
    row = _read("interactions").row(0, named=True)
    assert (row["duration_seconds"], row["page_depth"], row["channel"], row["is_competitor"]) == (0, None, None, False)


def test_a_referrer_counts_once_it_is_known():
    Customer.objects.create(customer_id="C1", registered_on=DAY, referred_by="C2")
    assert sources.customers()["referrer_pk"].to_list() == [None]
    known = Customer.objects.create(customer_id="C2", registered_on=DAY)
    assert sources.customers()["referrer_pk"].to_list() == [known.pk, None]


def _archived(monkeypatch, *rows) -> None:
    schema = {"transaction_id": pl.String(), "customer_id": pl.String(), "occurred_at": sources.INSTANT}
    schema |= {"amount_cents": pl.Int64()}
    schema |= dict.fromkeys(("product_category", "payment_method", "status"), pl.String())
    frame = pl.DataFrame(rows, schema=schema, orient="row")

    def scan(*, kind, since, until):
        day = pl.col("occurred_at").dt.convert_time_zone("Asia/Shanghai").dt.date()
        return frame.lazy().filter((day >= since) & (day < until))

    monkeypatch.setattr(archive, "scan", scan)


def test_archived_rows_count_beside_those_of_the_database(monkeypatch):
    when = dt.datetime(2024, 3, 10, 4, tzinfo=dt.UTC)
    _buy("T1", when, "1.00")
    _archived(monkeypatch, ("T0", "C1", when, 250, "", "", "completed"), ("T9", "gone", when, 1, "", "", "completed"))
    assert sorted(_read()["cents"]) == [100, 250]


def test_the_database_wins_over_the_archive_even_where_it_moved_the_row_to_another_day(monkeypatch):
    when = dt.datetime(2024, 3, 10, 4, tzinfo=dt.UTC)
    _buy("T1", when - dt.timedelta(50), "1.00")
    _buy("T2", when, "2.00")
    _archived(monkeypatch, *((name, "C1", when, 999, "", "", "completed") for name in ("T1", "T2")))
    assert _read()["cents"].to_list() == [200]
