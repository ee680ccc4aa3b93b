"""Sums that add up: parts, whole, order, and what cancels."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import Moments, Paired, Proportion

SETTINGS = settings(max_examples=100, deadline=None, derandomize=True)
amounts = st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 2)), max_size=30)
pairs = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), max_size=30)


def moments(values) -> Moments:
    return Moments.of(np.array(values, dtype=float))


def paired(rows) -> Paired:
    table = np.array(rows, dtype=float).reshape(-1, 2)
    return Paired.of(x=table[:, 0], y=table[:, 1])


def close(value: float, scale: float):
    return pytest.approx(value, rel=1e-9, abs=1e-9 * (1 + scale))


@SETTINGS
@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_proportions_add_up(n_1, n_2, more_1, more_2):
    first, second = Proportion(n=n_1 + more_1, events=n_1), Proportion(n=n_2 + more_2, events=n_2)
    assert first + second == second + first == Proportion(n=n_1 + more_1 + n_2 + more_2, events=n_1 + n_2)
    assert first + Proportion() == first


@pytest.mark.parametrize(("n", "events"), [(1, 2), (0, 1), (5, -1), (-1, -1)])
def test_events_beyond_the_customers_are_an_error(n, events):
    with pytest.raises(ValueError, match="between 0 and n"):
        Proportion(n=n, events=events)


@SETTINGS
@given(amounts, amounts)
def test_moments_of_parts_add_up_to_those_of_the_whole(first, second):
    whole, joined = moments(first + second), moments(first) + moments(second)
    scale = max(map(abs, first + second), default=0.0)
    assert joined.n == whole.n
    assert joined.mean == close(whole.mean, scale)
    assert joined.squares == close(whole.squares, whole.n * scale**2)


@SETTINGS
@given(pairs, pairs)
def test_products_of_parts_add_up_to_those_of_the_whole(first, second):
    whole, joined = paired(first + second), paired(first) + paired(second)
    assert joined.n == whole.n
    assert joined.products == close(whole.products, 1e6)
    assert joined.x.squares == close(whole.x.squares, 1e6)


@SETTINGS
@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_change_a_bit(rows, random):
    mixed = list(rows)
    random.shuffle(mixed)
    assert paired(mixed) == paired(rows)


@SETTINGS
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30))
def test_exact_sums_of_a_database_give_the_same_moments_as_the_values(cents):
    exact = Moments.from_sums(n=len(cents), total=sum(cents), total_of_squares=sum(cent * cent for cent in cents))
    seen = moments(cents)
    scale = max(map(abs, cents))
    assert exact.mean == close(seen.mean, scale)
    assert exact.squares == close(seen.squares, scale**2)


def test_a_spread_that_is_tiny_beside_the_mean_keeps_its_digits():
    values = 1e9 + np.array([0.25, 0.5, 0.75, 0.5] * 1000)
    exact = [Fraction(value) for value in values.tolist()]
    mean = sum(exact) / len(exact)
    squares = sum((value - mean) ** 2 for value in exact)
    assert moments(values).squares == pytest.approx(float(squares), rel=1e-12)
    assert (moments(values[:100]) + moments(values[100:])).squares == pytest.approx(float(squares), rel=1e-9)
    assert np.square(values).sum() - values.sum() ** 2 / len(values) != pytest.approx(float(squares), rel=0.1)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e15 + 0.3, -7.7])
@pytest.mark.parametrize("n", [1, 3, 7, 1001])
def test_equal_values_do_not_vary_at_all(value, n):
    assert moments([value] * n).squares == 0
    assert (moments([value] * n) + moments([value] * 2)).squares == 0
    assert moments([value] * n).mean == value


def test_rows_of_different_length_are_an_error():
    with pytest.raises(ValueError, match="differ in length"):
        Paired.of(x=np.zeros(2), y=np.zeros(3))


def test_nothing_added_changes_nothing():
    rows = paired([(1, 2), (3, 5)])
    assert rows + Paired() == Paired() + rows == rows
    assert paired([]) == Paired()
    assert Moments.from_sums(n=0, total=0, total_of_squares=0) == Moments()
