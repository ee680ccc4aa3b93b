"""The pooled z test, Fisher's exact test, which of them, and Holm's adjustment."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from experiments.stats import Proportion, Reason
from experiments.stats.comparison import rate_test
from experiments.stats.fisher import fisher_exact
from experiments.stats.holm import holm
from experiments.stats.pooled_z import has_small_expected, is_all_alike, pooled_z, z_test

SETTINGS = settings(max_examples=200, deadline=None, derandomize=True)


def of(events: int, n: int) -> Proportion:
    return Proportion(n=n, events=events)


@st.composite
def tables(draw, most: int = 400) -> tuple[Proportion, Proportion]:
    n_1, n_2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    pair = of(draw(st.integers(0, n_1)), n_1), of(draw(st.integers(0, n_2)), n_2)
    assume(not is_all_alike(*pair))
    return pair


def cells(first: Proportion, second: Proportion) -> list[list[int]]:
    return [[first.events, first.n - first.events], [second.events, second.n - second.events]]


@SETTINGS
@given(tables())
def test_z_is_that_of_statsmodels_and_its_square_pearson_s_without_continuity(pair):
    first, second = pair
    z, p = proportions_ztest([first.events, second.events], [first.n, second.n])
    assert pooled_z(first, second) == pytest.approx(z, rel=1e-9, abs=1e-12)
    assert z_test(first, second) == pytest.approx(p, rel=1e-9)
    assert z_test(first, second) == pytest.approx(
        stats.chi2_contingency(cells(*pair), correction=False).pvalue, rel=1e-9
    )


def test_a_far_tail_is_a_small_number_and_not_0():
    assert z_test(of(30_000, 100_000), of(20_000, 100_000)) == pytest.approx(8.0e-268, rel=0.02)


def test_fisher_gives_the_lady_who_tasted_tea_her_p():
    """Fisher 1935, The Design of Experiments, ch. 2: three of four cups of each kind right; both tails 34/70."""
    assert fisher_exact(of(3, 4), of(1, 4)) == pytest.approx(34 / 70, rel=1e-15)


@SETTINGS
@given(tables(most=60))
def test_fisher_is_scipy_s(pair):
    assert fisher_exact(*pair) == pytest.approx(stats.fisher_exact(cells(*pair)).pvalue, rel=1e-9)


@SETTINGS
@given(tables(most=60))
def test_fisher_is_the_exact_sum_over_the_tables_no_likelier_than_the_observed(pair):
    first, second = pair
    group, events, total = first.n, first.events + second.events, first.n + second.n
    chances = {
        k: Fraction(comb(events, k) * comb(total - events, group - k), comb(total, group))
        for k in range(max(0, group + events - total), min(group, events) + 1)
    }
    observed = chances[first.events]
    assert fisher_exact(*pair) == float(sum(chance for chance in chances.values() if chance <= observed))


@pytest.mark.parametrize(
    ("first", "second"),
    [((4, 1_000_000), (0, 1_000_000)), ((3, 5), (500, 1_000_000)), ((12, 20_000), (60, 3_000_000))],
)
def test_fisher_takes_tables_of_millions(first, second):
    pair = of(*first), of(*second)
    assert fisher_exact(*pair) == pytest.approx(stats.fisher_exact(cells(*pair)).pvalue, rel=1e-8)


@SETTINGS
@given(tables(most=60))
def test_the_order_of_the_arms_and_the_name_of_the_event_do_not_change_a_p(pair):
    first, second = pair
    turned = of(first.n - first.events, first.n), of(second.n - second.events, second.n)
    assert fisher_exact(first, second) == fisher_exact(second, first) == fisher_exact(*turned)
    assert z_test(first, second) == z_test(second, first) == z_test(*turned)


@pytest.mark.parametrize(
    ("first", "second", "is_small"),
    [
        ((10, 10), (0, 10), False),  # every expected count is 5
        ((9, 10), (0, 10), True),
        ((5, 50), (5, 50), False),
        ((5, 50), (4, 50), True),
        ((45, 50), (45, 50), False),
        ((46, 50), (45, 50), True),
        ((1, 10), (4, 40), True),
    ],
)
def test_fisher_decides_exactly_where_an_expected_count_is_below_5(first, second, is_small):
    pair = of(*first), of(*second)
    assert has_small_expected(*pair) is is_small
    assert bool((stats.contingency.expected_freq(cells(*pair)) < 5 - 1e-9).any()) is is_small
    assert rate_test(*pair).name == ("fisher" if is_small else "z")


@pytest.mark.parametrize(("first", "second"), [((0, 10), (0, 20)), ((10, 10), (20, 20)), ((0, 1), (0, 1))])
def test_nobody_or_everybody_is_nothing_to_test(first, second):
    found = rate_test(of(*first), of(*second))
    assert (found.p_value, found.name, found.reason) == (None, None, Reason.ALL_ALIKE)


def test_an_empty_arm_is_not_tested():
    assert rate_test(Proportion(), of(1, 2)).reason == Reason.EMPTY_ARM
    assert rate_test(of(1, 2), Proportion()).reason == Reason.EMPTY_ARM


def test_a_p_of_1_that_a_test_gives_is_a_figure():
    assert rate_test(of(1, 2), of(1, 2)).p_value == 1
    assert rate_test(of(20, 40), of(30, 60)).p_value == 1


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_holm_is_that_of_statsmodels(n):
    p_values = (np.random.default_rng(n).random(n) ** 3).tolist()
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist(), rel=1e-12)


def test_holm_counts_only_comparisons_that_have_a_p():
    assert holm([0.02, None, 0.03]) == pytest.approx([0.04, None, 0.04])
    assert holm([None, 0.02]) == [None, 0.02]
    assert holm([None]) == [None]
    assert holm([]) == []


def test_holm_never_makes_a_p_smaller_and_stops_at_1():
    p_values = np.random.default_rng(1).random(20).tolist()
    assert all(p <= adjusted <= 1 for p, adjusted in zip(p_values, holm(p_values), strict=True))
