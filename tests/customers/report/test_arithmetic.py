"""The report's arithmetic, on frames."""

import datetime as dt
from collections import Counter

import numpy as np
import polars as pl
import pytest

from customers.report import activity, base_rates, columns, spool, tallies

NAMES = {"table": "t", "column": "c", "unit": ""}
START = dt.date(2017, 1, 2)  # a Monday


def day(number):
    return START + dt.timedelta(days=number)


def log(counts):
    return pl.DataFrame({"day": [day(n) for n in range(len(counts))], "transactions": counts})


def holes(counts):
    return [((h.start - START).days, (h.end - START).days) for h in activity.holes(log(counts), table="transactions")]


def test_empty_days_in_a_busy_log_are_a_hole_from_the_first_to_the_last():
    assert holes([50] * 40 + [0] * 3 + [50] * 40) == [(40, 42)]


def test_a_single_empty_day_of_a_busy_log_is_a_hole():
    assert holes([50] * 40 + [0] + [50] * 40) == [(40, 40)]


def test_empty_days_of_a_sparse_log_are_chance():
    assert holes([1, 0, 2, 0, 0, 1, 1, 0, 1] * 10) == []


def test_a_weekday_on_which_the_business_is_closed_is_no_hole():
    assert holes(([50] * 5 + [0, 50]) * 10) == []


def test_a_hole_over_a_closed_weekday_is_one_hole():
    week = [50] * 5 + [0, 50]
    assert holes(week * 8 + [0] * 7 + week * 8) == [(56, 62)]


def test_days_before_the_first_row_are_no_hole():
    assert holes([0] * 30 + [50] * 30) == []


def frame(*rows):
    """Active days: pairs of customer and day number."""
    schema = {"customer_pk": pl.Int64(), "day": pl.Date()}
    return pl.DataFrame([(pk, day(n)) for pk, n in rows], schema=schema, orient="row").sort("day", "customer_pk")


def customers(n, **values):
    given = {"registered_on": dt.date(2016, 1, 1), "account_status": None, "status_since": None} | values
    schema = {
        "customer_pk": pl.Int64(),
        "registered_on": pl.Date(),
        "account_status": pl.String(),
        "status_since": pl.Date(),
    }
    return pl.DataFrame([{"customer_pk": pk, **given} for pk in range(1, n + 1)], schema=schema)


def weeks(everyone, active, *, today, horizons=(7, 14)):
    dates = base_rates.dates(first=active["day"].min(), as_of=day(today), horizons=horizons)
    return base_rates.weeks(customers=everyone, active=active, dates=dates, as_of=day(today), horizons=horizons)


def test_the_base_rate_is_the_share_of_the_eligible_without_activity_within_the_horizon():
    active = frame((1, 0), (1, 20), (1, 26), (2, 20), (2, 33), (3, 20), (3, 34))
    (week,) = [w for w in weeks(customers(3), active, today=41) if w.as_of == day(27)]
    assert (week.n_eligible, week.n_churned) == (3, {7: 2, 14: 2}) or week.n_churned[7] == 2
    assert week.rate(7) == pytest.approx(2 / 3)


def test_the_label_has_its_first_day_and_not_the_day_after_its_last():
    active = frame((1, 0), (1, 25), (2, 25), (1, 27), (2, 34))
    (week,) = [w for w in weeks(customers(2), active, today=41, horizons=(7,)) if w.as_of == day(27)]
    assert week.n_churned == {7: 1}


def test_activity_on_the_day_before_the_window_does_not_make_a_customer_eligible():
    active = frame((1, 0), (1, 7), (2, 6))
    (week,) = [w for w in weeks(customers(2), active, today=34, horizons=(7,)) if w.as_of == day(27)]
    assert week.n_eligible == 1


def test_open_labels_are_left_out():
    found = weeks(customers(1), frame((1, 0), (1, 30)), today=40)
    assert [((w.as_of - START).days, w.n_churned[14] is None) for w in found] == [(26, False), (33, True)]


@pytest.mark.parametrize(
    ("values", "n"),
    [
        ({"account_status": "active"}, 1),
        ({"account_status": "unknown"}, 1),
        ({"account_status": "closed"}, 0),
        ({"account_status": "closed", "status_since": day(27)}, 1),
        ({"account_status": "closed", "status_since": day(26)}, 0),
        ({"registered_on": day(27)}, 0),
        ({"registered_on": day(26)}, 1),
    ],
)
def test_only_those_who_could_be_scored_count(values, n):
    found = weeks(customers(1, **values), frame((1, 0), (1, 20)), today=34, horizons=(7,))
    assert [w.n_eligible for w in found if w.as_of == day(27)] == [n]


def test_the_weeks_of_two_halves_of_the_customers_add_up_to_those_of_all():
    everyone, active = customers(4), frame((1, 0), (1, 20), (2, 20), (2, 28), (3, 21), (4, 25), (4, 40))
    dates = base_rates.dates(first=day(0), as_of=day(48), horizons=(7, 28))

    def of(active):
        return base_rates.weeks(customers=everyone, active=active, dates=dates, as_of=day(48), horizons=(7, 28))

    halves = [of(active.filter(pl.col("customer_pk") % 2 == rest)) for rest in (0, 1)]
    assert base_rates.added(halves) == of(active)


def test_the_pooled_rate_counts_customers_not_weeks():
    def week(n, churned):
        return base_rates.Week(as_of=START, n_eligible=n, n_churned={7: churned})

    assert base_rates.pooled([week(10, 10), week(90, 0)], horizon=7) == pytest.approx(0.1)


def test_the_better_horizon_is_the_nearest_that_is_neither_rare_nor_the_rule():
    assert base_rates.better_horizon({7: 0.88, 14: 0.8, 28: 0.65, 60: 0.4}, horizon=7) == 28
    assert base_rates.better_horizon({3: 0.1, 7: 0.03, 14: 0.01}, horizon=7) == 3
    assert base_rates.better_horizon({7: 0.9, 14: 0.8}, horizon=7) is None


def distribution(values):
    counts = pl.Series("value", values).value_counts(name="n").with_columns(pl.col("n").cast(pl.Int64))
    return columns.distribution(counts, **NAMES)


def test_outliers_are_far_outside_the_quartiles():
    assert distribution([10, 11, 12, 13, 14, 15, 16, 1000]).n_outliers == 1


def test_a_number_that_is_mostly_one_value_has_no_outliers():
    found = distribution([1] * 99 + [2])
    assert (found.n_outliers, found.fence_low) == (0, None)


def test_a_histogram_counts_every_value():
    assert sum(distribution([0, 5, 5, 9, 10_000]).counts) == 5


def test_no_values_have_no_distribution():
    assert columns.distribution(pl.DataFrame(schema={"value": pl.Int64(), "n": pl.Int64()}), **NAMES) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_of_counted_values_are_those_of_the_values_themselves(seed):
    values = np.random.default_rng(seed).lognormal(3, 1, 997).round(0)
    found = distribution(values)
    shares = (found.p25, found.median, found.p75, found.p99)
    assert shares == pytest.approx(tuple(np.quantile(values, (0.25, 0.5, 0.75, 0.99))), rel=1e-12)
    assert (found.n, found.mean, found.std) == pytest.approx((997, values.mean(), values.std()), rel=1e-12)


def people(*rows):
    names = ("customer_id", "name", "registered_on", "region")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")


def test_customers_with_one_name_date_and_region_are_duplicates_however_the_name_is_written():
    found = columns.duplicates(people(("1", "Li Na", "d", "x"), ("2", "li  na", "d", "x")), same=("name", "region"))
    assert found["customer_ids"].to_list() == [["1", "2"]]


def test_customers_of_one_name_in_two_regions_are_two():
    assert columns.duplicates(people(("1", "A", "d", "x"), ("2", "A", "d", "y")), same=("name", "region")).is_empty()


def test_customers_without_a_name_are_nobodys_duplicates():
    rows = people(("1", None, "d", None), ("2", None, "d", None))
    assert columns.duplicates(rows, same=("name", "region")).is_empty()


def purchase_days(*rows):
    schema = {"customer_pk": pl.Int64(), "day": pl.Date()}
    return activity.gap_counts(pl.DataFrame([(pk, day(n)) for pk, n in rows], schema=schema, orient="row"))


def test_gaps_are_between_purchase_days_of_a_customer_in_order():
    gaps = activity.purchase_gaps([purchase_days((1, 3), (1, 0), (2, 9))])
    assert (gaps.n, gaps.median, gaps.n_buyers, gaps.n_repeat_buyers) == (1, 3.0, 2, 1)


def test_gaps_of_parts_of_the_customers_are_counted_together():
    gaps = activity.purchase_gaps([purchase_days((1, 0), (1, 2)), purchase_days((2, 0), (2, 4), (2, 104))])
    assert (gaps.n, gaps.median, gaps.n_repeat_buyers) == (3, 4.0, 2)
    assert (gaps.counts[1], gaps.counts[3], gaps.counts[-1]) == (1, 1, 1)


def test_without_purchases_there_are_no_gaps():
    gaps = activity.purchase_gaps([])
    assert (gaps.n, gaps.median, set(gaps.counts)) == (0, None, {0})


@pytest.fixture
def few_in_memory(monkeypatch):
    monkeypatch.setattr(tallies, "MOST_PENDING", 5)
    monkeypatch.setattr(tallies, "MOST_TEXTS", 3)


def counted(tally):
    return dict(row for part in tally.parts() for row in part.iter_rows())


def test_texts_that_go_to_disk_are_counted_as_those_in_memory(tmp_path, few_in_memory):
    texts = [f"topic {n % 40}" for n in range(1, 500, 7)] + [None, "茶"]
    tally = tallies.Tally(pl.String(), folder=tmp_path / "topic")
    for start in range(0, len(texts), 10):
        tally.add(pl.Series(texts[start : start + 10], dtype=pl.String()))
    assert list(tmp_path.rglob("*.parquet"))
    assert counted(tally) == Counter(text for text in texts if text)
    assert (tally.n_rows, tally.n_missing, tally.n_distinct) == (len(texts), 1, 41)


def test_the_commonest_labels_are_found_among_those_on_disk(tmp_path, few_in_memory):
    tally = tallies.Tally(pl.String(), folder=tmp_path / "topic")
    for n in range(1, 31):
        tally.add(pl.Series([f"topic {n:02}"] * n))
    found = columns.labels(tally, table="t", column="c")
    assert found.labels[:2] == ("topic 30", "topic 29")
    assert (found.n_distinct, found.n_other) == (30, sum(range(1, 19)))


def test_numbers_stay_in_memory(tmp_path, few_in_memory):
    tally = tallies.Tally(pl.Int64(), folder=tmp_path)
    for n in range(50):
        tally.add(pl.Series([n, n + 1]))
    assert tally.counts()["n"].sum() == 100
    assert not list(tmp_path.rglob("*"))


def test_a_spool_gives_each_row_once_and_rows_alike_together(tmp_path):
    schema = pl.Schema({"customer_pk": pl.Int64(), "day": pl.Int64()})
    kept = spool.Spool(tmp_path / "days", schema=schema, n_parts=4)
    for number in range(3):
        kept.add(pl.DataFrame({"customer_pk": range(20), "day": [number] * 20}), by=pl.col("customer_pk"))
    parts = list(kept.parts())
    assert sorted(row for part in parts for row in part.iter_rows()) == [(pk, d) for pk in range(20) for d in range(3)]
    assert [set(part["customer_pk"] % 4) for part in parts] == [{0}, {1}, {2}, {3}]
