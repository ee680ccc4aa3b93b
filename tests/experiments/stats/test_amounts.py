"""Welch's t, CUPED and the balance of covariates."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans

from experiments.stats import Moments, Paired, Reason
from experiments.stats.balance import balance
from experiments.stats.cuped import cuped
from experiments.stats.welch import welch

SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)
values = st.lists(st.integers(-1000, 1000).map(lambda cents: cents / 100), min_size=2, max_size=25)


def moments(numbers) -> Moments:
    return Moments.of(np.array(numbers, dtype=float))


def paired(x, y) -> Paired:
    return Paired.of(x=np.array(x, dtype=float), y=np.array(y, dtype=float))


def test_welch_gives_student_s_sleep_data_its_known_figures():
    """Extra hours of sleep by two drugs (Student 1908): t = 1.8608, df = 17.776, p = 0.07939, (−0.2055, 3.3655)."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = welch(control=moments(first), arm=moments(second))
    assert found.difference == pytest.approx(1.58)
    assert found.p_value == pytest.approx(0.07939, abs=5e-6)
    assert found.interval == pytest.approx((-0.2054832, 3.3654832), abs=5e-8)


@pytest.mark.filterwarnings("ignore:Precision loss")
@SETTINGS
@given(values, values, st.sampled_from([0.01, 0.05, 0.2]))
def test_welch_is_that_of_scipy_and_statsmodels_and_turns_round(control, arm, alpha):
    assume(np.ptp(control) + np.ptp(arm) > 0)
    found, turned = (
        welch(control=moments(a), arm=moments(b), alpha=alpha) for a, b in ((control, arm), (arm, control))
    )
    assert found.p_value == pytest.approx(stats.ttest_ind(arm, control, equal_var=False).pvalue, rel=1e-7, abs=1e-300)
    expected = CompareMeans.from_data(arm, control).tconfint_diff(alpha=alpha, usevar="unequal")
    assert found.interval == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert found.interval[0] <= found.difference <= found.interval[1]
    assert turned.interval == pytest.approx((-found.interval[1], -found.interval[0]))
    assert turned.p_value == pytest.approx(found.p_value)


@pytest.mark.parametrize(
    ("control", "arm", "difference", "reason"),
    [
        ([], [1, 2], None, Reason.NO_AMOUNTS),
        ([1, 2], [], None, Reason.NO_AMOUNTS),
        ([1], [1, 2, 3], 1, Reason.FEW_AMOUNTS),
        ([1, 3], [5], 3, Reason.FEW_AMOUNTS),
        ([2, 2, 2], [5, 5], 3, Reason.AMOUNTS_ALIKE),
        ([0.1] * 3, [0.1] * 7, 0, Reason.AMOUNTS_ALIKE),
    ],
)
def test_without_spread_the_difference_stays_and_the_test_is_none(control, arm, difference, reason):
    found = welch(control=moments(control), arm=moments(arm))
    assert (found.difference, found.interval, found.p_value, found.reason) == (difference, None, None, reason)


def test_an_amount_that_is_constant_in_one_arm_only_is_tested_as_usual():
    found = welch(control=moments([0, 0, 0]), arm=moments([1, 2, 4, 3]))
    assert found.p_value == pytest.approx(stats.ttest_1samp([1, 2, 4, 3], 0).pvalue)


@pytest.mark.parametrize("scale", [1e-90, 1e-30, 1, 1e30, 1e90])
def test_the_unit_of_an_amount_does_not_change_its_p(scale):
    control, arm = np.array([1.0, 2, 3, 5]), np.array([2.0, 4, 4, 7, 9])
    found = welch(control=Moments.of(control * scale), arm=Moments.of(arm * scale))
    assert found.p_value == pytest.approx(stats.ttest_ind(arm, control, equal_var=False).pvalue)
    freed = cuped(
        control=Paired.of(x=np.array([1.0, 1, 2, 4]) / scale, y=control * scale),
        arm=Paired.of(x=np.array([1.0, 2, 5, 5, 6]) / scale, y=arm * scale),
    )
    assert freed.p_value == pytest.approx(by_hand([1, 1, 2, 4], control, [1, 2, 5, 5, 6], arm)[0].pvalue)


def by_hand(x_control, y_control, x_arm, y_arm):
    """Welch's t on the adjusted amounts of each row, and the variance saved."""
    x, y = np.r_[x_control, x_arm].astype(float), np.r_[y_control, y_arm].astype(float)
    theta = np.cov(y, x)[0, 1] / np.var(x, ddof=1)
    freed, cut = y - theta * (x - x.mean()), len(x_control)

    def error(rows) -> float:
        return np.sqrt(np.var(rows[:cut], ddof=1) / cut + np.var(rows[cut:], ddof=1) / (len(rows) - cut))

    return stats.ttest_ind(freed[cut:], freed[:cut], equal_var=False), 1 - (error(freed) / error(y)) ** 2


@pytest.mark.parametrize("seed", range(20))
def test_cuped_is_welch_on_the_adjusted_amounts_of_each_row(seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(2, 60, 2)
    x_control, x_arm = (random.gamma(2, 50, size) for size in sizes)
    y_control, y_arm = (0.7 * x + random.gamma(1, 30, len(x)) for x in (x_control, x_arm))
    found = cuped(control=paired(x_control, y_control), arm=paired(x_arm, y_arm))
    test, saved = by_hand(x_control, y_control, x_arm, y_arm)
    assert found.p_value == pytest.approx(test.pvalue, rel=1e-8)
    assert found.interval == pytest.approx(tuple(test.confidence_interval()), rel=1e-8)
    assert found.variance_saved == pytest.approx(saved, rel=1e-8, abs=1e-10)


def test_a_useless_covariate_may_save_less_than_nothing():
    """θ is that of both arms together, so it may take in the difference between the arms."""
    x_control, x_arm, y_control, y_arm = [1, 2, 3], [11, 12, 13], [3, 2, 1.5], [30, 29, 31]
    found = cuped(control=paired(x_control, y_control), arm=paired(x_arm, y_arm))
    assert found.variance_saved == pytest.approx(by_hand(x_control, y_control, x_arm, y_arm)[1])
    assert found.variance_saved < 0


@pytest.mark.parametrize(
    ("control", "arm", "reason"),
    [
        (([4, 4], [1, 2]), ([4, 4, 4], [2, 3, 3]), Reason.COVARIATE_ALIKE),
        (([0.1], [1]), ([0.1], [2]), Reason.COVARIATE_ALIKE),
        (([], []), ([1, 2], [2, 3]), Reason.NO_COVARIATE),
        (([1, 2], [2, 3]), ([], []), Reason.NO_COVARIATE),
    ],
)
def test_where_the_covariate_says_nothing_all_four_figures_are_none(control, arm, reason):
    found = cuped(control=paired(*control), arm=paired(*arm))
    figures = found.difference, found.interval, found.p_value, found.variance_saved
    assert figures == (None, None, None, None)
    assert found.reason == reason


def test_a_covariate_that_explains_everything_leaves_nothing_to_test_with():
    x_control, x_arm = np.array([0.1, 0.7, 1.3]), np.array([0.2, 0.9, 1.1, 5.3])
    found = cuped(control=paired(x_control, 3 * x_control), arm=paired(x_arm, 3 * x_arm))
    assert found.difference == pytest.approx(0, abs=1e-12)
    assert (found.interval, found.p_value, found.variance_saved) == (None, None, 1.0)
    assert found.reason == Reason.EXPLAINED


def test_amounts_without_spread_have_no_variance_to_save():
    found = cuped(control=paired([1, 2, 4], [5, 5, 5]), arm=paired([2, 3, 3], [5, 5, 5]))
    assert (found.difference, found.interval, found.p_value, found.variance_saved) == (0, None, None, None)
    assert found.reason is not None


def test_one_customer_with_the_covariate_is_too_few():
    found = cuped(control=paired([1], [5]), arm=paired([2, 3, 3], [5, 6, 8]))
    assert found.difference is not None
    assert (found.interval, found.p_value, found.variance_saved) == (None, None, None)
    assert found.reason == Reason.FEW_COVARIATES


def test_balance_is_the_difference_in_mean_standard_deviations():
    control, arm = np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 6, 9, 1])
    found = balance(control=Moments.of(control), arm=Moments.of(arm))
    expected = (arm.mean() - control.mean()) / np.sqrt((arm.var(ddof=1) + control.var(ddof=1)) / 2)
    assert found.difference == pytest.approx(expected)
    assert found.is_notable
    assert not balance(control=Moments.of(control), arm=Moments.of(control)).is_notable


def test_balance_of_what_does_not_vary_is_none():
    assert balance(control=moments([1, 1]), arm=moments([2, 2])).reason == Reason.NO_SPREAD
    assert balance(control=moments([1]), arm=moments([2, 3])).reason == Reason.NOT_ENOUGH_VALUES
    assert not balance(control=moments([1]), arm=moments([2, 3])).is_notable
