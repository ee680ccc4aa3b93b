"""How many customers an experiment needs, how long it takes, and what can be seen by when."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from customers.models import Customer, Hold
from experiments import planner, prospects
from experiments.prospects import Assumptions
from tests.experiments.factories import DAY, draft, running, scored
from tests.experiments.shown import enrolled

LATER = DAY + dt.timedelta(days=28)
USUAL = Assumptions(
    begins_on=DAY,
    ends_on=LATER,
    observation_days=7,
    control_share=0.1,
    arms={"coupon": 0.9},
    base_rate=0.4,
    daily=100.0,
    stock=1_000,
    effect=0.05,
)


def test_the_needed_sample_is_close_to_that_of_the_arcsine_method():
    needed = planner.project(USUAL).needed
    size = NormalIndPower().solve_power(proportion_effectsize(0.4, 0.35), alpha=0.05, power=0.8, ratio=9)
    assert needed.arms["control"] == pytest.approx(size, rel=0.02)
    assert needed.arms["coupon"] == pytest.approx(9 * size, rel=0.02)


def test_the_sample_is_there_once_stock_and_daily_customers_make_it_up():
    needed = planner.project(USUAL).needed
    assert needed.days == -(-(needed.enrolled - 1_000) // 100)
    assert needed.enrolled_on == DAY + dt.timedelta(days=needed.days)
    assert needed.known_on == needed.enrolled_on + dt.timedelta(days=7)


def test_a_stock_that_is_large_enough_is_there_on_the_first_day():
    assert planner.project(replace(USUAL, stock=100_000)).needed.days == 0


def test_what_is_seen_with_the_needed_sample_is_the_smallest_effect():
    needed = planner.project(USUAL).needed
    there = planner.project(replace(USUAL, stock=needed.enrolled, daily=0.0))
    assert there.at_end.effect == pytest.approx(0.05, abs=0.0001)


def test_more_than_one_arm_needs_more_customers():
    two = replace(USUAL, arms={"coupon": 0.45, "call": 0.45})
    assert planner.project(two).needed.enrolled > planner.project(USUAL).needed.enrolled


def test_the_effect_that_can_be_seen_falls_with_time():
    effects = [point.effect for point in planner.project(USUAL).points]
    assert effects == sorted(effects, reverse=True)
    assert planner.project(USUAL).points[-1].on > LATER


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "By the end date about 3,800 customers are enrolled; 8,090 are needed to see an effect of 5 %."),
        ({"effect": 0.5}, "no measure can keep more customers than leave"),
        ({"stock": 0}, "Nobody is eligible at present"),
        ({"ends_on": DAY - dt.timedelta(days=1)}, "the end date is over"),
        ({"daily": 0.5}, "not there within three years"),
        ({"daily": None}, "it takes two days with scores"),
        ({"stock": 10, "daily": 1.0}, "The control group has about 4 customers"),
        ({"daily_capacity": 10}, "Only 290 of about 3,420 customers of the treated arms"),
    ],
)
def test_what_stands_in_the_way_is_told(changes, sentence):
    assert any(sentence in warning for warning in planner.project(replace(USUAL, **changes)).warnings)


def test_a_plan_that_works_out_has_no_warning():
    assert not planner.project(replace(USUAL, stock=20_000)).warnings


def test_without_a_rate_nothing_is_promised():
    plan = planner.project(replace(USUAL, base_rate=None))
    assert (plan.needed, plan.at_end.effect) == (None, None)


@pytest.mark.django_db
def test_the_eligible_of_today_are_the_stock_and_their_risk_is_the_rate():
    scored([0.9, 0.8, 0.2])
    assumed = planner.plan(draft(), on=DAY).assumed
    assert (assumed.stock, assumed.base_rate, assumed.daily) == (2, pytest.approx(0.85), None)


@pytest.mark.django_db
def test_who_comes_each_day_is_who_matched_for_the_first_time_in_the_window():
    for days, n in ((4, 2), (2, 3), (0, 6)):
        scored([0.9] * n, as_of=DAY - dt.timedelta(days=days))
    assert planner.plan(draft(), on=DAY).assumed.daily == pytest.approx(4 / 4)


@pytest.mark.django_db
def test_customers_held_back_are_neither_in_the_stock_nor_in_what_comes():
    scored([0.9, 0.9], as_of=DAY - dt.timedelta(days=2))
    scored([0.9] * 4)
    held = Customer.objects.get(customer_id="C00000")
    Hold.objects.create(customer=held, kind="opt_out", source="opt-out", since=DAY)
    assumed = planner.plan(draft(), on=DAY).assumed
    assert (assumed.stock, assumed.daily) == (3, pytest.approx(2 / 2 * 3 / 4))


@pytest.mark.django_db
def test_who_is_in_already_counts_and_an_ended_experiment_expects_nobody():
    experiment = running()
    enrolled(experiment, 4)
    assumed = planner.plan(experiment, on=DAY).assumed
    assert (assumed.enrolled, assumed.stock) == (4, 0)


@pytest.mark.django_db
def test_another_length_of_observation_is_told():
    scored([0.9])
    assert any("within 7 days" in note for note in planner.plan(draft(observation_days=14), on=DAY).warnings)


@pytest.mark.django_db
def test_a_plan_takes_as_many_queries_at_fifty_customers_as_at_five(django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def n_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            planner.plan(draft(), on=DAY)
        return len(queries)

    scored([0.9] * 5)
    few = n_queries()
    scored([0.9] * 50, prefix="D")
    assert n_queries() == few


def told(*arguments: str) -> dict:
    out = StringIO()
    call_command("plan_experiment", *arguments, "--json", "--as-of", DAY.isoformat(), stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_who_comes_each_day_is_counted_on_a_sample_of_many_and_kept(monkeypatch):
    monkeypatch.setattr(prospects, "SAMPLE", 40)
    scored([0.9] * 40 + [0.1] * 80, as_of=DAY - dt.timedelta(days=1))
    scored([0.9] * 120, as_of=DAY)
    whole = prospects._first_days(draft(), [DAY - dt.timedelta(days=1), DAY], one_of=1)
    assert whole == {DAY - dt.timedelta(days=1): 40, DAY: 80}
    # Of every third customer by key, a third of each.
    daily = planner.plan(draft(), on=DAY).assumed.daily
    assert daily == pytest.approx(80, abs=3)
    scored([0.9] * 30, as_of=DAY, prefix="D")
    assert planner.plan(draft(), on=DAY).assumed.daily == daily


NUMBERS = ("--base-rate", "0.4", "--effect", "0.05", "--control-share", "0.1", "--daily", "200")


@pytest.mark.django_db
def test_the_command_plans_with_plain_numbers():
    found = told(*NUMBERS)
    assert found["needed"]["enrolled"] == 8_090
    assert found["at_end"]["enrolled"] == 200 * 28


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "stock"), [((), 200), (("--stock", "0"), 0), (("--stock", "900"), 900)])
def test_the_first_day_brings_as_many_as_each_day_unless_told_otherwise(given, stock):
    found = told(*NUMBERS, *given)
    assert (found["assumed"]["stock"], found["at_end"]["enrolled"]) == (stock, stock + 200 * 27)


@pytest.mark.django_db
def test_the_command_plans_an_experiment_by_its_name():
    scored([0.9] * 10)
    draft(name="Spring", smallest_effect=Decimal("0.2"))
    found = told("--experiment", "Spring", "--by", "2026-03-05")
    assert found["assumed"]["stock"] == 10
    assert found["at_end"]["on"] == "2026-03-05"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--experiment", "Nothing"), 1, "There is no experiment “Nothing”."),
        (("--base-rate", "0.4"), 2, "Give --experiment, or --effect, --control-share, --daily too."),
        (("--experiment", "Nothing", *NUMBERS), 2, "Give an experiment or plain numbers, not both."),
        ((*NUMBERS, "--alpha", "0.9", "--power", "0.45"), 2, "--power has to be above half of --alpha."),
    ],
)
def test_the_command_refuses_in_a_sentence(arguments, code, sentence):
    with pytest.raises(CommandError) as refused:
        told(*arguments)
    assert (str(refused.value), refused.value.returncode) == (sentence, code)


def test_a_rate_of_four_is_wrong_usage():
    with pytest.raises(CommandError, match="'4' is not a number between 0 and 1"):
        told("--base-rate", "4")


@pytest.mark.django_db
def test_the_command_tells_a_person_in_lines():
    out = StringIO()
    call_command("plan_experiment", *NUMBERS, "--as-of", DAY.isoformat(), stdout=out)
    assert "Needed: 8,090 customers" in out.getvalue()
    assert "! By the end date" in out.getvalue()
