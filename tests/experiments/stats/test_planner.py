"""Sample size, power, detectable effect, and the sample ratio."""

from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import power_proportions_2indep, samplesize_proportions_2indep_onetail

from experiments.stats.planner import Plan, detectable_rate, needed_customers, power
from experiments.stats.sample_ratio import sample_ratio

SETTINGS = settings(max_examples=100, deadline=None, derandomize=True)


def test_the_figures_of_r_s_power_prop_test():
    """R, ?power.prop.test: 50 a group, 0.50 against 0.75 has power 0.740; 90 % power needs 76.7 a group."""
    assert power(control_rate=0.5, arm_rate=0.75, customers=100, plan=Plan()) == pytest.approx(0.740, abs=5e-4)
    assert needed_customers(control_rate=0.5, arm_rate=0.75, plan=Plan(power=0.90)) == ceil(2 * 76.65294)


@SETTINGS
@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.floats(0.05, 20), st.sampled_from([0.8, 0.9]))
def test_the_size_is_that_of_statsmodels(control_rate, arm_rate, ratio, wanted):
    if abs(control_rate - arm_rate) < 0.01:
        return
    n_arm = samplesize_proportions_2indep_onetail(arm_rate - control_rate, control_rate, wanted, ratio)
    plan = Plan(control_share=ratio, arm_share=1, power=wanted)
    needed = needed_customers(control_rate=control_rate, arm_rate=arm_rate, plan=plan)
    assert needed == pytest.approx(n_arm * (1 + ratio), abs=1.001)
    assert power(control_rate=control_rate, arm_rate=arm_rate, customers=needed, plan=plan) >= wanted
    assert power(control_rate=control_rate, arm_rate=arm_rate, customers=needed - 1, plan=plan) <= wanted + 1e-9


@pytest.mark.parametrize(("low", "high", "n"), [(0.1, 0.15, 400), (0.3, 0.35, 900), (0.5, 0.7, 60)])
def test_power_is_that_of_statsmodels(low, high, n):
    expected = power_proportions_2indep(high - low, low, n, alternative="two-sided").power
    assert power(control_rate=low, arm_rate=high, customers=2 * n, plan=Plan()) == pytest.approx(expected, abs=1e-3)


@SETTINGS
@given(st.floats(0.05, 0.95), st.integers(100, 10**6), st.floats(0.05, 0.95), st.booleans())
def test_the_detectable_rate_has_exactly_the_power_that_was_asked_for(control_rate, customers, share, is_below):
    plan = Plan(control_share=share, arm_share=1 - share)
    rate = detectable_rate(control_rate=control_rate, customers=customers, plan=plan, is_below=is_below)
    if rate is None:
        end = 0.0 if is_below else 1.0
        assert power(control_rate=control_rate, arm_rate=end, customers=customers, plan=plan) < 0.8
        return
    assert (rate < control_rate) is is_below
    assert power(control_rate=control_rate, arm_rate=rate, customers=customers, plan=plan) == pytest.approx(
        0.8, abs=1e-6
    )


def test_a_small_control_group_costs_customers():
    sizes = [
        needed_customers(control_rate=0.3, arm_rate=0.25, plan=Plan(control_share=share, arm_share=1 - share))
        for share in (0.5, 0.3, 0.1)
    ]
    assert sizes == sorted(sizes)
    assert sizes[2] > 2 * sizes[0]


def test_no_difference_needs_no_number_of_customers():
    assert needed_customers(control_rate=0.2, arm_rate=0.2, plan=Plan()) is None
    assert detectable_rate(control_rate=0.0, customers=10**6, plan=Plan()) is None


def test_certain_outcomes_need_few_customers():
    assert needed_customers(control_rate=1, arm_rate=0, plan=Plan()) == 4
    assert power(control_rate=1, arm_rate=0, customers=4, plan=Plan()) == 1
    assert power(control_rate=1, arm_rate=0, customers=3, plan=Plan()) == 0


@pytest.mark.parametrize(
    "wrong", [{"control_share": 0}, {"arm_share": -1}, {"alpha": 0}, {"power": 1}, {"power": 0.01}]
)
def test_a_plan_that_means_nothing_is_an_error(wrong):
    with pytest.raises(ValueError, match="must"):
        Plan(**wrong)


def test_the_sample_ratio_of_a_published_mismatch():
    """821,588 and 815,482 users where half and half were due: p = 1.8e-6 (Kohavi, Tang & Xu 2020, ch. 21)."""
    found = sample_ratio(enrolled=[821_588, 815_482], shares=[1, 1])
    assert found.p_value == pytest.approx(1.8e-6, rel=0.02)
    assert found.is_flagged


@SETTINGS
@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0.01, 10)), min_size=2, max_size=6))
def test_the_sample_ratio_is_pearson_s_against_the_shares(arms):
    enrolled, shares = zip(*arms, strict=True)
    if not sum(enrolled):
        return
    expected = [sum(enrolled) * share / sum(shares) for share in shares]
    found = sample_ratio(enrolled=enrolled, shares=shares)
    assert found.p_value == pytest.approx(
        stats.chisquare(enrolled, expected, sum_check=False).pvalue, rel=1e-7, abs=1e-290
    )
    assert found.is_flagged is (found.p_value < 0.001)


@pytest.mark.parametrize(("enrolled", "shares"), [([1], [1]), ([1, 2], [1]), ([1, 2], [1, 0]), ([0, 0], [1, 1])])
def test_a_ratio_of_nothing_is_an_error(enrolled, shares):
    with pytest.raises(ValueError, match="share"):
        sample_ratio(enrolled=enrolled, shares=shares)
