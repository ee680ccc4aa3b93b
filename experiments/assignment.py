"""Which arm a customer is drawn into: pure arithmetic that anyone can do again.

    u = int(first 8 bytes of SHA-256("{salt}:{customer_id}"), big endian) / 2^64

Arms take [0, 1) in their order, the control group first. In a stratified experiment the customers of a stratum stand
in the order of u and are cut to the shares; what does not divide evenly is carried on to the stratum's next batch.
"""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import numpy as np

__all__ = ["arm_at", "cut", "draw", "ghost_draw", "seats", "turn_draw"]

BELOW_ONE = math.nextafter(1.0, 0.0)


def draw(salt: str, customer_id: str) -> float:
    """The customer's u, from 0 to below 1, for good.

    The last 512 of the 2^64 numbers would round to 1.0 as a float; they become the greatest float below it.
    """
    digest = hashlib.sha256(f"{salt}:{customer_id}".encode()).digest()
    return min(int.from_bytes(digest[:8], "big") / 2**64, BELOW_ONE)


def ghost_draw(salt: str, customer_id: str, shares: Sequence[Decimal]) -> int:
    """Which treated arm a control customer would have been in, by a draw of its own; `shares` are the treated arms'."""
    return arm_at(draw(salt, f"ghost:{customer_id}"), shares)


def turn_draw(salt: str, customer_id: str) -> float:
    """Whose turn comes first among customers of equal probability; u would put the whole control group first."""
    return draw(salt, f"turn:{customer_id}")


def arm_at(u: float, shares: Sequence[Decimal]) -> int:
    """The position of the arm whose part of [0, 1) holds u; a bound belongs to the arm above it.

    Shares that do not add up to 1 count in proportion.
    """
    return bisect_right(_bounds(tuple(shares)), u)


@lru_cache(maxsize=64)
def _bounds(shares: tuple[Decimal, ...]) -> list[float]:
    """Where one arm ends and the next begins, each as the least float that is not below the exact bound."""
    total = sum(map(Fraction, shares))
    exact = [sum(map(Fraction, shares[: n + 1])) / total for n in range(len(shares) - 1)]
    return [_not_below(Fraction(bound)) for bound in exact]


def _not_below(bound: Fraction) -> float:
    nearest = float(bound)
    return nearest if Fraction(nearest) >= bound else math.nextafter(nearest, 2.0)


def seats(n: int, *, shares: Sequence[Decimal], already: Sequence[int], luck: float) -> list[int]:
    """How many of a stratum's next `n` customers go to each arm, `already` being those that are in it.

    Each arm is owed its share of all, old and new, less what it has. The whole parts are given; the seats that are left
    go to arms with the chance of their remainders (systematic sampling, Madow 1949), by `luck` from 0 to below 1. So a
    stratum in which one customer arrives a day comes to its shares in the long run, and no day of the week gets the
    control group. Of two arms neither is ever a whole seat from its share; of more, one may be a seat and a half.
    """
    owed = _owed(n, shares, already)
    given = [math.floor(part) for part in owed]
    passed = Fraction(luck)
    for arm, part in enumerate(owed):
        before, passed = passed, passed + part - math.floor(part)
        given[arm] += math.floor(passed) - math.floor(before)
    return given


def _owed(n: int, shares: Sequence[Decimal], already: Sequence[int]) -> list[Fraction]:
    """What each arm lacks of its share; together n. An arm that has too many gets none, and the others bear it."""
    whole = sum(map(Fraction, shares))
    lacking = [
        max(Fraction(share) / whole * (n + sum(already)) - has, Fraction(0))
        for share, has in zip(shares, already, strict=True)
    ]
    total = sum(lacking)
    return [part * n / total for part in lacking] if total else [Fraction(0)] * len(lacking)


def cut(us: np.ndarray, given: Sequence[int]) -> np.ndarray:
    """The arm of each customer of a stratum: in the order of u the first go to the first arm, and so on."""
    arms = np.empty(len(us), dtype=np.int8)
    arms[np.argsort(us, kind="stable")] = np.repeat(np.arange(len(given), dtype=np.int8), given)
    return arms
