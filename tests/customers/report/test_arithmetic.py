"""The report's arithmetic, on frames."""

import datetime as dt

import polars as pl
import pytest

from customers.report import activity, base_rates, columns

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
    return base_rates.weeks(customers=everyone, active=active, as_of=day(today), horizons=horizons)


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


def test_the_pooled_rate_counts_customers_not_weeks():
    def week(n, churned):
        return base_rates.Week(as_of=START, n_eligible=n, n_churned={7: churned})

    assert base_rates.pooled([week(10, 10), week(90, 0)], horizon=7) == pytest.approx(0.1)


def test_the_better_horizon_is_the_nearest_that_is_neither_rare_nor_the_rule():
    assert base_rates.better_horizon({7: 0.88, 14: 0.8, 28: 0.65, 60: 0.4}, horizon=7) == 28
    assert base_rates.better_horizon({3: 0.1, 7: 0.03, 14: 0.01}, horizon=7) == 3
    assert base_rates.better_horizon({7: 0.9, 14: 0.8}, horizon=7) is None


def test_outliers_are_far_outside_the_quartiles():
    found = columns.distribution(pl.Series([10, 11, 12, 13, 14, 15, 16, 1000]), table="t", column="c", unit="")
    assert found.n_outliers == 1


def test_a_number_that_is_mostly_one_value_has_no_outliers():
    found = columns.distribution(pl.Series([1] * 99 + [2]), table="t", column="c", unit="")
    assert (found.n_outliers, found.fence_low) == (0, None)


def test_a_histogram_counts_every_value():
    found = columns.distribution(pl.Series([0, 5, 5, 9, 10_000]), table="t", column="c", unit="")
    assert sum(found.counts) == 5


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


def test_gaps_are_between_distinct_purchase_days_of_a_customer():
    rows = [(1, 0, "completed"), (1, 0, "completed"), (1, 3, "completed"), (1, 4, "refunded"), (2, 9, "completed")]
    frame = pl.DataFrame(
        {"customer_pk": [r[0] for r in rows], "day": [day(r[1]) for r in rows], "status": [r[2] for r in rows]}
    )
    gaps = activity.purchase_gaps(frame)
    assert (gaps.n, gaps.median, gaps.n_buyers, gaps.n_repeat_buyers) == (1, 3.0, 2, 1)
