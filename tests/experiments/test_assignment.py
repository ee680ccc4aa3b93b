"""The draw, the arms, and the cut of a stratum."""

from decimal import Decimal
from fractions import Fraction
from math import nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import assignment
from experiments.assignment import BELOW_ONE, arm_at, cut, draw, ghost_draw, seats, turn_draw

THIRDS = (Decimal("0.333333"), Decimal("0.333333"), Decimal("0.333334"))

# h=$(printf '%s' "$salt:$customer" | sha256sum | cut -c1-16 | tr a-f A-F)
# echo "scale=25; ibase=16; x=$h; ibase=A; x/2^64" | bc
BY_SHELL = [
    ("salt", "C1", "0.4885258687426987324244759"),
    ("5f2b7c1d9e8a40630f1e2d3c4b5a6978", "C00017", "0.8669469293649584647914498"),
    ("salt", "客户7", "0.1856053129384195723517239"),
    ("0", "0", "0.6736177528149841602631876"),
]


@pytest.mark.parametrize(("salt", "customer", "expected"), BY_SHELL)
def test_the_draw_is_what_sha256sum_and_bc_give(salt, customer, expected):
    assert draw(salt, customer) == float(expected)


def test_the_draw_is_below_one_for_the_last_number_too(monkeypatch):
    class Last:
        def digest(self):
            return b"\xff" * 32

    monkeypatch.setattr(assignment.hashlib, "sha256", lambda _text: Last())
    assert draw("salt", "C1") == BELOW_ONE < 1.0


@pytest.mark.parametrize(
    ("u", "expected"),
    [(0.0, 0), (nextafter(0.1, 0), 0), (0.1, 1), (0.29, 1), (0.30000000000000004, 2), (BELOW_ONE, 2)],
)
def test_arms_take_their_parts_in_order_and_a_bound_belongs_to_the_arm_above(u, expected):
    assert arm_at(u, (Decimal("0.1"), Decimal("0.2"), Decimal("0.7"))) == expected


@given(u=st.floats(0, 1, exclude_max=True), shares=st.lists(st.integers(1, 999_999), min_size=2, max_size=6))
def test_an_arm_is_the_one_that_exact_fractions_give(u, shares):
    total, passed, expected = sum(shares), Fraction(0), 0
    for share in shares[:-1]:
        passed += Fraction(share, total)
        expected += Fraction(u) >= passed
    assert arm_at(u, [Decimal(share) / 1_000_000 for share in shares]) == expected


def test_a_large_group_is_drawn_in_its_shares():
    arms = [arm_at(draw("salt", f"C{n}"), THIRDS) for n in range(30_000)]
    assert all(abs(arms.count(arm) - 10_000) < 4 * 82 for arm in range(3)), "within 4 standard deviations"


def test_ghosts_and_turns_are_drawn_apart_from_the_arm():
    us = np.array([[draw("s", f"C{n}"), turn_draw("s", f"C{n}")] for n in range(5_000)])
    ghosts = [ghost_draw("s", f"C{n}", (Decimal("0.45"), Decimal("0.45"))) for n in range(5_000)]
    assert abs(np.corrcoef(us.T)[0, 1]) < 0.06
    assert abs(sum(ghosts) - 2_500) < 4 * 36


@pytest.mark.parametrize("n", [10, 100, 1000])
def test_a_batch_that_divides_evenly_is_cut_to_the_exact_shares(n):
    assert seats(n, shares=(Decimal("0.1"), Decimal("0.2"), Decimal("0.7")), already=(0, 0, 0), luck=0.99) == [
        n // 10,
        n // 5,
        n * 7 // 10,
    ]


@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=40),
    control=st.integers(10_000, 990_000),
    seed=st.text(max_size=5),
)
def test_over_many_small_batches_two_arms_are_never_a_whole_seat_from_their_shares(sizes, control, seed):
    shares, has = (Decimal(control) / 1_000_000, 1 - Decimal(control) / 1_000_000), [0, 0]
    for n in sizes:
        new = seats(n, shares=shares, already=has, luck=draw(seed, str(sum(has))))
        assert sum(new) == n
        assert min(new) >= 0
        has = [old + more for old, more in zip(has, new, strict=True)]
        assert all(abs(Fraction(share) * sum(has) - one) < 1 for share, one in zip(shares, has, strict=True))


@given(
    n=st.integers(0, 200),
    already=st.lists(st.integers(0, 50), min_size=4, max_size=4),
    luck=st.floats(0, 1, exclude_max=True),
)
def test_every_seat_is_given_whatever_stands_there_already(n, already, luck):
    shares = [Decimal(share) for share in ("0.1", "0.2", "0.3", "0.4")]
    new = seats(n, shares=shares, already=already, luck=luck)
    assert sum(new) == n
    assert min(new) >= 0


def test_one_customer_a_day_comes_to_the_shares_and_not_on_the_same_weekday():
    has, control_days = [0, 0], []
    for day in range(700):
        new = seats(1, shares=(Decimal(1) / 7, Decimal(6) / 7), already=has, luck=draw("salt", str(day)))
        has = [old + more for old, more in zip(has, new, strict=True)]
        control_days += [day % 7] * new[0]
    assert has == [100, 600]
    assert len(set(control_days)) == 7


def test_a_stratum_is_cut_in_the_order_of_the_draw():
    assert cut(np.array([0.9, 0.1, 0.5, 0.3]), [1, 3]).tolist() == [1, 0, 1, 1]
