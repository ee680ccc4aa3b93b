"""Each dimension and each alert worked out by hand."""

import datetime as dt

import polars as pl
import pytest

from healthscore.dimensions import engine, trend
from healthscore.dimensions.configuration import Configuration
from tests.healthscore.accounts import AS_OF, NEW_YORK, SHANGHAI, TIERS, at, day, deal, rows, session, ticket
from tests.healthscore.plain import Account
from tests.healthscore.test_formulas import standing

CONFIGURATION = Configuration.of({"adoption_tiers": TIERS})


def one(*, zone=SHANGHAI, as_of=AS_OF, **given):
    account = Account(registered_on=day(-500), **given)
    frame = engine.scores(rows=rows([account], zone=zone, as_of=as_of), configuration=CONFIGURATION)
    return frame.row(0, named=True)


def codes(**given):
    raised = standing([Account(registered_on=day(-500), **given)], SHANGHAI)
    return {row["code"]: row for row in raised.to_dicts()}


def test_usage_is_half_days_with_a_login_of_twenty_and_half_mean_depth():
    logins = [session(-n, depth=0.6) for n in (1, 2, 3, 4, 30, 31)] + [session(-1, 18, depth=None)]
    assert one(activity=logins)["usage"] == pytest.approx(0.5 * 5 / 20 + 0.5 * 0.6)


def test_engagement_counts_rows_and_minutes_and_whether_the_onboarding_is_done():
    activity = [session(-n, minutes=30.0, activity_type="export") for n in range(1, 11)]
    found = one(activity=activity, onboarding_completed=True)
    assert found["engagement"] == pytest.approx(0.35 * 10 / 40 + 0.35 * 300 / 600 + 0.3)


def test_without_any_activity_engagement_is_the_onboarding_alone():
    found = one(onboarding_completed=False)
    assert (found["engagement"], found["usage"], found["adoption"]) == (0.0, None, None)


def test_activity_of_long_ago_makes_the_counts_of_now_nothing():
    found = one(activity=[session(-200, depth=1.0)])
    assert (found["usage"], found["engagement"], found["adoption"]) == (0.0, 0.0, 0.0)


def test_support_is_volume_resolution_and_satisfaction():
    tickets = [
        ticket(-10, priority="urgent", resolved_at=at(-10, 20), satisfaction=5.0),
        ticket(-10, priority="urgent", resolved_at=at(-10, 20.01), satisfaction=2.0),
        ticket(-1, 1, priority="high"),
        ticket(-2, priority="high"),
        ticket(-3, priority=""),
        ticket(-91, priority="low"),
    ]
    volume, resolution, satisfaction = 1 - 5 / 12, 1 / 3, (3.5 - 1) / 4
    assert one(support=tickets)["support"] == pytest.approx(0.3 * volume + 0.4 * resolution + 0.3 * satisfaction)


def test_a_ticket_resolved_earlier_the_same_day_took_no_time():
    found = one(support=[ticket(-5, 12, priority="urgent", resolved_at=at(-5, 9))])
    assert found["support.resolution"] == 1.0


def test_a_ticket_resolved_on_the_day_itself_is_open():
    found = one(support=[ticket(-5, priority="urgent", resolved_at=at(0, 0))])
    assert found["support.resolution"] == 0.0


def test_hours_are_real_ones_on_the_day_that_the_clocks_go_forward():
    spring = dt.date(2024, 3, 10)
    created = dt.datetime(2024, 3, 9, 20, tzinfo=NEW_YORK).astimezone(dt.UTC)
    resolved = dt.datetime(2024, 3, 10, 5, tzinfo=NEW_YORK).astimezone(dt.UTC)
    made = {"created_at": created, "resolved_at": resolved, "priority": "urgent", "satisfaction": None}
    found = one(zone=NEW_YORK, as_of=spring + dt.timedelta(days=5), support=[made])
    assert found["support.resolution"] == 1.0


def test_payment_is_the_status_and_the_share_of_renewals_that_were_made():
    sales = [
        deal(-700, renewal_on=day(-100)),
        deal(-160, stage="renewed", renewal_on=day(-31)),
        deal(-700, renewal_on=day(-30)),
        deal(-800, renewal_on=day(-396)),
    ]
    found = one(payment_status="late", sales=sales)
    assert found["payment"] == pytest.approx(0.6 * 0.5 + 0.4 * 1 / 2)


@pytest.mark.parametrize(("offset", "share"), [(-160, 1.0), (-161, 0.0), (-70, 1.0), (-69, 0.0)])
def test_a_renewal_counts_from_sixty_days_before_to_thirty_after(offset, share):
    sales = [deal(-700, renewal_on=day(-100)), deal(offset, stage="renewed")]
    assert one(sales=sales)["payment.renewals"] == share


def test_a_renewed_deal_is_not_its_own_renewal():
    assert one(sales=[deal(-120, stage="renewed", renewal_on=day(-100))])["payment.renewals"] == 0.0


def test_adoption_is_the_share_of_each_tier():
    activity = [session(-1, feature="board"), session(-2, feature="mail"), session(-40, feature="macro")]
    assert one(activity=activity)["adoption"] == pytest.approx(0.5 * 1 / 2 + 0.3 * 0 + 0.2 * 2 / 3)


def test_satisfaction_is_nps_and_ratings():
    found = one(nps_score=-20.0, support=[ticket(-1, 1, satisfaction=4.0)])
    assert found["satisfaction"] == pytest.approx(0.6 * 0.4 + 0.4 * 0.75)


@pytest.mark.parametrize(
    ("began", "length", "left", "maturity"),
    [
        (-487, 18.0, 2 / 6, 16 / 24),
        (-487, 16.0, 0.0, 16 / 24),
        (-1, 0.0, 0.0, 1 / 30.4375 / 24),
        (-1, None, None, 1 / 30.4375 / 24),
        (0, 12.0, None, None),
        (-1461, 60.0, 1.0, 1.0),
    ],
)
def test_lifecycle_is_what_is_left_of_the_contract_and_its_age(began, length, left, maturity):
    found = one(contract_on=day(began), contract_months=length)
    values = [found["lifecycle.contract_left"], found["lifecycle.maturity"]]
    assert values == pytest.approx([left, maturity])


def test_value_is_monthly_revenue_against_the_target_and_its_growth():
    sales = [deal(-200, cents=1_200_000, months=12.0), deal(-10, cents=600_000, months=6.0)]
    found = one(customer_type="mid_market", sales=sales)
    assert found["mrr"] == pytest.approx(2_000)
    assert found["value"] == pytest.approx(0.7 * 2_000 / 5_000 + 0.3 * (0.5 + 0.5 * 1 / 3))


@pytest.mark.parametrize(("offset", "mrr"), [(-487, 0.0), (-486, 100.0), (0, None), (-1, 100.0)])
def test_a_deal_is_in_force_until_its_months_are_over(offset, mrr):
    assert one(sales=[deal(offset, cents=160_000, months=16.0)])["mrr"] == mrr


def test_a_contract_of_no_months_brings_nothing_and_no_growth():
    found = one(sales=[deal(-100, months=0.0), deal(-100, months=None)])
    assert (found["mrr"], found["value.mrr"], found["value.growth"]) == (0.0, 0.0, 0.5)


def test_a_first_deal_is_growth_to_the_full():
    assert one(sales=[deal(-1)])["value.growth"] == 1.0


def test_a_type_in_other_letters_takes_the_middle_weights_and_target():
    given = {"sales": [deal(-1, cents=6_000_000)], "nps_score": 0.0}
    assert one(customer_type="Enterprise", **given)["exact"] == one(customer_type="mid_market", **given)["exact"]


def test_nothing_known_is_no_score():
    found = one()
    assert (found["score"], found["exact"], found["coverage"], found["mrr"]) == (None, None, 0.0, None)


def test_half_a_ten_thousandth_goes_up():
    values = pl.DataFrame({"x": [0.00005, 0.12345, 0.29995, 0.599949999]})
    assert values.select(engine.ten_thousandths(pl.col("x")))["x"].to_list() == [1, 1235, 3000, 5999]


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (10_000, "excellent"),
        (8_000, "excellent"),
        (7_999, "good"),
        (6_000, "good"),
        (5_999, "at_risk"),
        (3_000, "at_risk"),
        (2_999, "critical"),
        (0, "critical"),
    ],
)
def test_the_lower_bound_belongs_to_the_better_grade(score, grade):
    assert engine.grades(pl.Series([score]), CONFIGURATION).to_list() == [grade]


@pytest.mark.parametrize(
    ("change", "direction"),
    [(201, "improving"), (200, "stable"), (-200, "stable"), (-201, "declining"), (None, "stable")],
)
def test_a_direction_takes_more_than_two_hundredths(change, direction):
    frame = pl.DataFrame({"change": [change]}, schema={"change": pl.Int64()})
    assert frame.select(trend.direction(pl.col("change"), CONFIGURATION).alias("d"))["d"].to_list() == [direction]


def test_a_ticket_past_its_limit_is_an_alert_with_its_hours():
    found = codes(support=[ticket(-400, 0, priority="low"), ticket(-1, 0, priority="high"), ticket(-1, 1, priority="")])
    assert (found["ticket_overdue"]["value"], found["ticket_overdue"]["threshold"]) == (9600.0, 120.0)
    assert "ticket_overdue" not in codes(support=[ticket(-1, 0, priority="high")])


def test_fourteen_silent_days_are_an_alert_for_whoever_was_active_before():
    assert codes(activity=[session(-15)])["no_activity"]["value"] == 15
    assert "no_activity" not in codes(activity=[session(-14)])
    assert "no_activity" not in codes(payment_status="late")


@pytest.mark.parametrize(
    ("renewal", "renewed", "holds"),
    [(0, None, 1), (60, None, 1), (61, None, 0), (-1, None, 0), (20, -40, 0), (20, -41, 1)],
)
def test_a_renewal_ahead_with_a_weak_score_is_an_alert(renewal, renewed, holds):
    sales = [deal(-300, renewal_on=day(renewal))]
    sales += [] if renewed is None else [deal(renewed, stage="renewed")]
    found = codes(sales=sales, payment_status="overdue", nps_score=-100.0)
    assert ("renewal_at_risk" in found) == bool(holds)


def test_overdue_bills_and_a_negative_nps_are_alerts():
    assert codes(payment_status="overdue", nps_score=-1.0).keys() == {"payment_overdue", "nps_negative"}
    assert not codes(payment_status="late", nps_score=0.0)


def test_a_score_and_a_grade_that_fall_are_alerts():
    activity = [session(-n, depth=1.0, minutes=40.0) for n in range(31, 61)]
    found = codes(activity=activity, payment_status="current")
    assert {"score_drop", "grade_drop", "no_activity"} == found.keys()
    assert found["grade_drop"]["detail"] == "excellent"
