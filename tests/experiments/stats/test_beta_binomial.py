"""Chance that the arm is better, and expected loss, against exact sums and closed forms."""

from fractions import Fraction
from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.stats import Proportion, Reason
from experiments.stats.beta_binomial import belief

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)


def of(events: int, n: int) -> Proportion:
    return Proportion(n=n, events=events)


@st.composite
def proportions(draw, most: int = 60) -> Proportion:
    n = draw(st.integers(1, most))
    return of(draw(st.integers(0, n)), n)


def beta(a: int, b: int) -> Fraction:
    return Fraction(factorial(a - 1) * factorial(b - 1), factorial(a + b - 1))


def chance_above(high: Proportion, low: Proportion) -> Fraction:
    """P(rate of `high` > rate of `low`) as an exact sum (Miller 2014, Formulas for Bayesian A/B Testing)."""
    a_1, b_1, a_2, b_2 = 1 + low.events, 1 + low.n - low.events, 1 + high.events, 1 + high.n - high.events
    return sum(
        (beta(a_1 + i, b_1 + b_2) / ((b_2 + i) * beta(1 + i, b_2) * beta(a_1, b_1)) for i in range(a_2)), Fraction(0)
    )


def loss_above(high: Proportion, low: Proportion) -> Fraction:
    """E[max(0, rate of `high` − rate of `low`)] by raising one parameter of each in the sum of chances."""
    mean_high, mean_low = Fraction(1 + high.events, 2 + high.n), Fraction(1 + low.events, 2 + low.n)
    more_high, more_low = of(high.events + 1, high.n + 1), of(low.events + 1, low.n + 1)
    return mean_high * chance_above(more_high, low) - mean_low * chance_above(high, more_low)


@SETTINGS
@given(proportions(), proportions())
def test_both_figures_are_the_exact_sums(control, arm):
    bad = belief(control=control, arm=arm, is_event_good=False)
    assert bad.probability_better == pytest.approx(float(chance_above(control, arm)), rel=1e-10, abs=1e-300)
    assert bad.expected_loss == pytest.approx(float(loss_above(arm, control)), rel=1e-9)
    good = belief(control=control, arm=arm, is_event_good=True)
    assert good.probability_better == pytest.approx(float(chance_above(arm, control)), rel=1e-10, abs=1e-300)
    assert good.expected_loss == pytest.approx(float(loss_above(control, arm)), rel=1e-9)


@SETTINGS
@given(proportions(most=10**6), proportions(most=10**6))
def test_the_figures_of_the_two_directions_belong_together(control, arm):
    bad, good = (belief(control=control, arm=arm, is_event_good=is_good) for is_good in (False, True))
    turned = belief(control=arm, arm=control, is_event_good=True)
    assert bad.probability_better + good.probability_better == pytest.approx(1, abs=1e-10)
    gap = (1 + arm.events) / (2 + arm.n) - (1 + control.events) / (2 + control.n)
    assert bad.expected_loss - good.expected_loss == pytest.approx(gap, abs=1e-10)
    assert turned.probability_better == pytest.approx(bad.probability_better, rel=1e-10, abs=1e-300)
    assert turned.expected_loss == pytest.approx(bad.expected_loss, rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("n", [1, 40, 10**4, 10**6, 10**8])
def test_equal_arms_are_better_by_a_coin(n):
    found = belief(control=of(n // 3, n), arm=of(n // 3, n), is_event_good=False)
    assert found.probability_better == pytest.approx(0.5, abs=1e-12)


def moments(proportion: Proportion) -> tuple[float, float]:
    """Mean and standard deviation of the posterior."""
    a, b = 1 + proportion.events, 1 + proportion.n - proportion.events
    return a / (a + b), (a * b / ((a + b) ** 2 * (a + b + 1))) ** 0.5


@pytest.mark.parametrize(
    ("n", "events", "more"), [(10**6, 10**5, 500), (5 * 10**6, 2 * 10**6, 3000), (10**8, 10**6, 2500)]
)
def test_millions_of_customers_agree_with_the_normal_limit(n, events, more):
    found = belief(control=of(events + more, n), arm=of(events, n), is_event_good=False)
    (high, spread_high), (low, spread_low) = moments(of(events + more, n)), moments(of(events, n))
    gap, spread = high - low, np.hypot(spread_high, spread_low)
    assert found.probability_better == pytest.approx(stats.norm.cdf(gap / spread), abs=2e-4)
    limit = spread * stats.norm.pdf(gap / spread) - gap * stats.norm.sf(gap / spread)
    assert found.expected_loss == pytest.approx(limit, rel=0.02)


def test_the_smallest_tails_keep_their_digits():
    """No event in the arm, n of n in the control: the arm is above in one of C(2n + 2, n + 1) orders."""
    n = 200
    found = belief(control=of(n, n), arm=of(0, n), is_event_good=True)
    exact = Fraction(1, comb(2 * n + 2, n + 1))
    assert found.probability_better == pytest.approx(float(exact), rel=1e-9)


def test_no_events_at_all_still_say_something():
    found = belief(control=of(0, 20), arm=of(0, 2000), is_event_good=False)
    assert found.probability_better == pytest.approx(2001 / 2022, rel=1e-10)
    assert 0 < found.expected_loss < 0.001


def test_an_empty_arm_says_nothing():
    for control, arm in ((Proportion(), of(1, 2)), (of(1, 2), Proportion())):
        found = belief(control=control, arm=arm, is_event_good=False)
        assert (found.probability_better, found.expected_loss, found.reason) == (None, None, Reason.EMPTY_ARM)
