"""Cases worked out by hand."""

import datetime as dt
import math

import pytest

from tests.predictions.features.plain import Shop
from tests.predictions.features.shops import AS_OF, ago, computed, contact, customer, purchase


def only(shop: Shop) -> dict:
    return computed(shop).row(0, named=True)


def shopper(*, age: int = 400, bought=(), contacts=()) -> dict:
    return only(Shop([customer(1, registered_on=ago(age))], list(bought), list(contacts)))


@pytest.mark.parametrize(
    ("cents", "score"),
    [(9_999, 1), (10_000, 2), (99_999, 2), (100_000, 3), (499_999, 3), (500_000, 4), (999_999, 4), (1_000_000, 5)],
)
def test_the_monetary_thresholds_hold_for_the_exact_sum(cents, score):
    assert shopper(bought=[purchase(1, 3, cents - 1), purchase(1, 20, 1)])["monetary_score"] == score


def test_ten_cents_added_a_thousand_times_are_exactly_one_hundred():
    found = shopper(bought=[purchase(1, 1, 10) for _ in range(1000)])
    assert (found["total_amount_20d"], found["monetary_score"]) == (100.0, 2)


def test_equal_amounts_have_no_deviation_at_all_however_large():
    found = shopper(bought=[purchase(1, 2, 10**14 - 1) for _ in range(7)])
    assert found["std_amount_20d"] == found["amount_cv_20d"] == 0.0


def test_regularity_of_gaps_of_two_and_four_days_is_three_quarters():
    assert shopper(bought=[purchase(1, age) for age in (1, 3, 7)])["transaction_regularity"] == pytest.approx(0.75)


def test_regularity_needs_two_gaps():
    assert shopper(bought=[purchase(1, 1), purchase(1, 3)])["transaction_regularity"] is None


def test_the_recent_ratio_counts_only_days_since_registration():
    # 40 days old: 100 in 20 days against 150 in 40 days.
    found = shopper(age=40, bought=[purchase(1, 20, 10_000), purchase(1, 21, 5_000)])
    assert found["recent_vs_historical_ratio"] == pytest.approx((100 / 20) / (150 / 40))


@pytest.mark.parametrize(("age", "expected"), [(20, None), (21, (100 - 20 * 50 / 1) / (100 + 20 * 50 / 1))])
def test_the_baseline_is_null_until_a_day_of_it_is_observed(age, expected):
    found = shopper(age=age, bought=[purchase(1, 1, 10_000), purchase(1, 21, 5_000)])
    assert found["amount_vs_avg"] == (expected and pytest.approx(expected))


def test_a_purchase_before_the_registration_counts_like_any_other():
    found = shopper(age=1, bought=[purchase(1, 15)])
    assert (found["transaction_count_20d"], found["lifetime_transaction_count"]) == (1, 1)


def test_activity_only_in_the_oldest_bucket_fades():
    found = shopper(bought=[purchase(1, 16), purchase(1, 20)])
    assert found["activity_decay_rate"] == pytest.approx(1.5 * math.log(3) / 5)


def test_momentum_is_one_yesterday_and_a_half_five_days_before():
    assert shopper(bought=[purchase(1, 1), purchase(1, 6)])["momentum_score"] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("age", "bought", "stage"),
    [
        (400, [21], "lapsed"),
        (29, [1], "new"),
        (30, [1], "active"),
        (400, [7], "active"),
        (400, [8], "at_risk"),
        (400, [1, 20, 39], "active"),
        (400, [1, 20, 40], "reactivated"),
        (400, [1, 19, 39], "reactivated"),
        (400, [1, 19, 21, 60], "active"),
        (400, [1, 20, 181], "active"),
    ],
)
def test_the_first_stage_that_holds(age, bought, stage):
    assert shopper(age=age, bought=[purchase(1, one) for one in bought])["lifecycle_stage"] == stage


@pytest.mark.parametrize(("ages", "rate"), [([7], 1.0), ([8], 0.5), ([1, 15], 2 / 3), ([176, 180, 181], 1 / 26)])
def test_retention_counts_weeks_from_the_first_with_activity(ages, rate):
    assert shopper(bought=[purchase(1, age) for age in ages])["retention_rate_historical"] == pytest.approx(rate)


@pytest.mark.parametrize(("before", "now", "drop"), [(5, 0, 0), (6, 0, 1), (20, 2, 1), (20, 3, 0), (40, 4, 1)])
def test_a_sudden_drop_needs_two_a_week_before_and_less_than_three_tenths_of_it_now(before, now, drop):
    rows = [contact(1, 8 + n % 20) for n in range(before)] + [contact(1, 7) for _ in range(now)]
    assert shopper(contacts=rows)["sudden_activity_drop"] == drop


def test_exactly_three_tenths_is_no_drop():
    # 200 · 21 = 21 · 200
    rows = [contact(1, 27)] * 200 + [contact(1, 1)] * 21
    assert shopper(contacts=rows)["sudden_activity_drop"] == 0


@pytest.mark.parametrize(
    ("status", "since", "found"),
    [
        ("closed", 1, "closed"),
        ("closed", 0, "active"),
        (None, 0, "active"),
        (None, 1, "unknown"),
        ("closed", None, "closed"),
    ],
)
def test_a_status_that_begins_on_the_date_or_later_does_not_count_yet(status, since, found):
    since_on = None if since is None else ago(since)
    row = only(Shop([customer(1, account_status=status, status_since=since_on)]))
    assert row["account_status"] == found


def test_signals_are_no_activity():
    found = shopper(contacts=[contact(1, 1, "unsubscribe"), contact(1, 1, "security")])
    assert (found["active_days_20d"], found["interaction_count_20d"], found["eligible"]) == (0, 2, False)


def test_ties_go_to_the_first_label_by_code_point():
    labels = ["😀", "ﬀ", "b", "Z"]
    assert shopper(bought=[purchase(1, 1, category=one) for one in labels])["top_category"] == "Z"
    assert shopper(bought=[purchase(1, 1, category=one) for one in labels[:2]])["top_category"] == "ﬀ"


def test_a_neighbour_in_two_ways_is_one_neighbour():
    people = [customer(1, referred_by="C2"), customer(2), customer(3, referred_by="C3")]
    links = [{"low_pk": 1, "high_pk": 2, "since": ago(1)}, {"low_pk": 1, "high_pk": 1, "since": ago(1)}]
    rows = computed(Shop(people, [purchase(2, 20)], [], links)).sort("customer_pk").rows(named=True)
    assert [row["network_effect_score"] for row in rows] == [1.0, 0.0, None]
    assert [row["referral_count"] for row in rows] == [0, 1, 0]
    assert (rows[0]["friend_activity_level"], rows[0]["referred_by_active_user"]) == (1.0, 1)


def test_a_link_is_one_from_the_earliest_date_given():
    links = [{"low_pk": 1, "high_pk": 2, "since": since} for since in (AS_OF + dt.timedelta(9), ago(1))]
    assert computed(Shop([customer(1), customer(2)], links=links))["friend_count"].to_list() == [1, 1]
