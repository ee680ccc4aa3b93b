"""The always-valid test: never more certain than the fixed one, and safe to look at every day."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.stats import Proportion, Reason
from experiments.stats.always_valid import always_valid, critical_z, mixture_p
from experiments.stats.newcombe import newcombe
from experiments.stats.pooled_z import has_small_expected, is_all_alike, z_test
from experiments.stats.tails import normal_two_sided

SETTINGS = settings(max_examples=300, deadline=None, derandomize=True)


def of(events: int, n: int) -> Proportion:
    return Proportion(n=n, events=events)


@SETTINGS
@given(
    st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1), st.sampled_from([50, 1000, 10**5])
)
def test_its_p_is_never_below_and_its_interval_holds_the_fixed_one(n_1, n_2, rate_1, rate_2, tuned_for):
    first, second = of(round(rate_1 * n_1), n_1), of(round(rate_2 * n_2), n_2)
    assume(not is_all_alike(first, second) and not has_small_expected(first, second))
    found, (low, high) = always_valid(first, second, tuned_for=tuned_for), newcombe(first, second)
    assert z_test(first, second) <= found.p_value <= 1
    assert -1 <= found.interval[0] <= low <= high <= found.interval[1] <= 1


@SETTINGS
@given(st.floats(0, 37), st.floats(1e-6, 1e9))
def test_no_mixture_makes_its_p_smaller_than_the_normal_tail(z, ratio):
    assert mixture_p(z=z, ratio=ratio) >= normal_two_sided(z)


@SETTINGS
@given(st.floats(1e-3, 1e9), st.sampled_from([0.001, 0.01, 0.05, 0.2]))
def test_the_critical_value_is_where_p_is_alpha(ratio, alpha):
    assert mixture_p(z=critical_z(ratio=ratio, alpha=alpha), ratio=ratio) == pytest.approx(alpha, rel=1e-9)


def test_the_mixture_is_the_integral_of_the_likelihood_ratio_over_a_normal_prior():
    """Johari et al. 2022, by quadrature: effects drawn from N(0, τ²), τ² = ratio, variance of the estimate 1."""
    effects, z, ratio = np.linspace(-60, 60, 400_001), 2.7, 8.2
    likelihood_ratio = np.exp(effects * z - effects**2 / 2)
    prior = np.exp(-(effects**2) / (2 * ratio)) / np.sqrt(2 * np.pi * ratio)
    assert mixture_p(z=z, ratio=ratio) == pytest.approx(1 / np.trapezoid(likelihood_ratio * prior, effects), rel=1e-9)


def test_the_interval_is_tightest_beside_the_fixed_one_where_it_is_tuned():
    def relative_width(n: int) -> float:
        first, second = of(3 * n // 10, n), of(3 * n // 10, n)
        wide, narrow = always_valid(first, second, tuned_for=10_000).interval, newcombe(first, second)
        return (wide[1] - wide[0]) / (narrow[1] - narrow[0])

    widths = [relative_width(n) for n in (1_000, 5_000, 10_000, 20_000, 100_000)]
    assert min(widths) == widths[2]
    assert max(widths) < 1.3 * widths[2]


def test_exchanging_the_arms_turns_the_interval_round():
    one, other = always_valid(of(30, 100), of(50, 120)), always_valid(of(50, 120), of(30, 100))
    assert one.p_value == other.p_value
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ((0, 100), (0, 100), Reason.ALL_ALIKE),
        ((100, 100), (100, 100), Reason.ALL_ALIKE),
        ((1, 100), (2, 100), Reason.FEW_FOR_SEQUENTIAL),
        ((0, 0), (2, 100), Reason.EMPTY_ARM),
    ],
)
def test_where_it_means_nothing_both_figures_are_none_with_the_reason(first, second, reason):
    found = always_valid(of(*first), of(*second))
    assert (found.p_value, found.interval, found.reason) == (None, None, reason)


def test_a_rate_of_0_has_an_interval_of_some_width():
    low, high = always_valid(of(10, 10), of(0, 10)).interval
    assert -1 <= low < 1 == high
