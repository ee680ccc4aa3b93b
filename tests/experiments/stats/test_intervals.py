"""Wilson's, Newcombe's and the log risk ratio's intervals against published figures and statsmodels."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from experiments.stats import Proportion, Reason
from experiments.stats.newcombe import difference, hybrid_score_interval, newcombe
from experiments.stats.risk_ratio import relative_difference
from experiments.stats.wilson import score_interval, wilson

SETTINGS = settings(max_examples=200, deadline=None, derandomize=True)


@st.composite
def proportions(draw, least: int = 1, most: int = 3000) -> Proportion:
    n = draw(st.integers(least, most))
    return Proportion(n=n, events=draw(st.integers(0, n)))


def of(events: int, n: int) -> Proportion:
    return Proportion(n=n, events=events)


@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_figures_of_newcombe_1998_on_one_proportion(events, n, low, high):
    """Newcombe, Statistics in Medicine 17:857, table I, method 3."""
    assert np.round(wilson(of(events, n)), 4).tolist() == [low, high]


@SETTINGS
@given(proportions(most=1_000_000))
def test_wilson_is_statsmodels_wilson_and_holds_the_rate(proportion):
    low, high = wilson(proportion)
    assert (low, high) == pytest.approx(proportion_confint(proportion.events, proportion.n, method="wilson"), abs=1e-12)
    assert 0 <= low <= proportion.rate <= high <= 1


@pytest.mark.parametrize("n", [1, 7, 10**6, 10**9])
def test_wilson_ends_exactly_at_0_where_nobody_and_at_1_where_everybody_had_the_event(n):
    assert wilson(of(0, n))[0] == 0
    assert wilson(of(n, n))[1] == 1
    assert wilson(of(0, n))[1] == pytest.approx(1 - wilson(of(n, n))[0], abs=1e-15)


def test_wilson_keeps_its_digits_at_rates_of_one_in_a_hundred_million():
    low, _high = wilson(of(1, 10**8))
    assert low == pytest.approx(1.765e-9, rel=1e-3)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_figures_of_his_paper(first, second, low, high):
    """Newcombe, Statistics in Medicine 17:873, table II, method 10."""
    assert np.round(newcombe(of(*first), of(*second)), 4).tolist() == [low, high]


@SETTINGS
@given(proportions(), proportions())
def test_newcombe_is_statsmodels_newcomb_and_holds_the_difference(first, second):
    low, high = newcombe(first, second)
    expected = confint_proportions_2indep(
        first.events, first.n, second.events, second.n, method="newcomb", compare="diff"
    )
    assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert -1 <= low <= difference(first, second) <= high <= 1


@SETTINGS
@given(proportions(), proportions())
def test_exchanging_the_arms_turns_the_difference_and_its_interval_round(first, second):
    low, high = newcombe(first, second)
    assert newcombe(second, first) == pytest.approx((-high, -low), abs=1e-15)
    assert difference(second, first) == -difference(first, second)


@SETTINGS
@given(proportions(), proportions(), st.floats(0.1, 8), st.floats(1.0001, 3))
def test_a_wider_critical_value_gives_an_interval_that_holds_the_narrower_one(first, second, z, wider):
    for narrow, wide in (
        (score_interval(first, z=z), score_interval(first, z=z * wider)),
        (hybrid_score_interval(first, second, z=z), hybrid_score_interval(first, second, z=z * wider)),
    ):
        assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


def test_equal_rates_differ_by_exactly_nothing():
    assert difference(of(1, 3), of(333_333, 999_999)) == 0


def test_an_empty_arm_has_no_interval():
    assert wilson(Proportion()) is None
    assert newcombe(Proportion(), of(1, 2)) is None
    assert newcombe(of(1, 2), Proportion()) is None


def test_the_relative_interval_is_that_of_the_physicians_health_study():
    """Heart attacks, 189 of 11,034 on placebo, 104 of 11,037 on aspirin: 1.82 (1.43, 2.30), Agresti 2007, 2.2.3."""
    found = relative_difference(control=of(104, 11037), arm=of(189, 11034), is_event_good=True)
    assert found.value == pytest.approx(0.82, abs=0.005)
    assert found.interval == pytest.approx((0.43, 1.31), abs=0.006)


@SETTINGS
@given(proportions(), proportions())
def test_the_relative_interval_is_statsmodels_log_ratio_carried_over(control, arm):
    assume(arm.events and control.events and (arm.events < arm.n or control.events < control.n))
    low, high = confint_proportions_2indep(arm.events, arm.n, control.events, control.n, method="log", compare="ratio")
    good = relative_difference(control=control, arm=arm, is_event_good=True)
    bad = relative_difference(control=control, arm=arm, is_event_good=False)
    assert good.interval == pytest.approx((low - 1, high - 1), rel=1e-7, abs=1e-9)
    assert bad.interval == pytest.approx((1 - high, 1 - low), rel=1e-7, abs=1e-9)
    assert good.value == -bad.value == pytest.approx(arm.rate / control.rate - 1, abs=1e-9)
    assert good.interval[0] <= good.value <= good.interval[1]


@pytest.mark.parametrize(
    ("control", "arm", "value", "reason"),
    [
        ((0, 10), (3, 10), None, Reason.CONTROL_HAS_NONE),
        ((0, 10), (0, 10), None, Reason.CONTROL_HAS_NONE),
        ((4, 10), (0, 10), 1.0, Reason.ARM_HAS_NONE),
        ((10, 10), (7, 7), 0.0, Reason.EVERYBODY),
        ((0, 0), (3, 10), None, Reason.EMPTY_ARM),
        ((3, 10), (0, 0), None, Reason.EMPTY_ARM),
    ],
)
def test_what_a_ratio_cannot_say_is_none_with_the_reason(control, arm, value, reason):
    found = relative_difference(control=of(*control), arm=of(*arm), is_event_good=False)
    assert (found.value, found.interval, found.reason) == (value, None, reason)


def test_everybody_in_one_arm_alone_still_has_an_interval():
    found = relative_difference(control=of(8, 10), arm=of(10, 10), is_event_good=True)
    assert found.value == pytest.approx(0.25)
    assert found.interval is not None
