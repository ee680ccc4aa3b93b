"""A shop with customers who lapse and come back, and a treatment that truly keeps a given share of those it is for.

Each customer is awake or dormant; awake ones buy and visit at their own pace, each day some fall dormant and some
dormant ones wake. A treatment wakes a customer who would have shown no activity in the days after it, for a given share
of customers, drawn before anything happens. Every chance is drawn once for each customer and day, treated or not: so a
second world without treatments, fed the same draws, is what would have happened otherwise.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CATEGORIES", "METHODS", "Day", "Shop", "World", "without_treatment"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

TYPES, REGIONS = ("household", "student", "office"), ("north", "south", "east", "west")
CATEGORIES, METHODS = ("grocery", "drug", "fresh", "home"), ("card", "wallet", "cash")


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What the shop is like; `keeps` is the share of customers whom a treatment wakes, if they need it."""

    n_customers: int = 2_000
    seed: int = 20_260_301
    keeps: float = 0.4
    fall_dormant: float = 0.02
    wake: float = 0.03
    wakes_within_days: int = 5


@dataclass(frozen=True, kw_only=True)
class Day:
    """What happened on a day, each an array of customer numbers: purchases with their cents, and visits."""

    date: dt.date
    buyers: Whole
    cents: Whole
    visitors: Whole

    @property
    def active(self) -> Whole:
        return np.union1d(self.buyers, self.visitors)


class World:
    """The shop from `first` on, a day at a time; `treat` before `step` of the same day."""

    def __init__(self, *, shop: Shop, first: dt.date) -> None:
        random = np.random.default_rng([shop.seed, 0])
        n = shop.n_customers
        self._shop, self._date = shop, first
        self._buys = np.clip(random.gamma(2.0, 0.08, n), 0.02, 0.6)
        self._visits = np.clip(random.gamma(2.0, 0.12, n), 0.05, 0.8)
        self._spends = np.exp(random.normal(7.6, 0.5, n))
        self._awake: Flags = random.random(n) < shop.wake / (shop.wake + shop.fall_dormant)
        self._can_be_kept: Flags = random.random(n) < shop.keeps
        self._woken_on = np.full(n, dt.date.max.toordinal(), dtype=np.int64)
        self.facts = _facts(random, n)

    def treat(self, customers: Whole) -> None:
        """Treat these customers on the coming day: those whom it helps wake within some days, if still dormant."""
        delay = _draws(self._shop, self._date, 1)[customers] * self._shop.wakes_within_days
        wakes = self._date.toordinal() + delay.astype(np.int64)
        helped = self._can_be_kept[customers]
        self._woken_on[customers[helped]] = wakes[helped]

    def step(self) -> Day:
        """Live through the coming day."""
        date, shop = self._date, self._shop
        moves, buys, visits, amount = (_draws(shop, date, purpose) for purpose in (2, 3, 4, 5))
        woken = self._woken_on == date.toordinal()
        self._awake = np.where(self._awake, moves >= shop.fall_dormant, moves < shop.wake) | woken
        is_visit = (self._awake & (visits < self._visits)) | woken
        buyers = np.flatnonzero(self._awake & (buys < self._buys))
        cents = np.maximum(1, self._spends * np.exp(amount - 0.5))[buyers].astype(np.int64)
        self._date += dt.timedelta(days=1)
        return Day(date=date, buyers=buyers, cents=cents, visitors=np.flatnonzero(is_visit))


def without_treatment(shop: Shop) -> Shop:
    """The same shop, in which treatments do nothing."""
    return replace(shop, keeps=0.0)


def _draws(shop: Shop, date: dt.date, purpose: int) -> Floats:
    """A number from 0 to 1 for each customer, the same whenever it is asked for."""
    return np.random.default_rng([shop.seed, date.toordinal(), purpose]).random(shop.n_customers)


def _facts(random: np.random.Generator, n: int) -> Mapping[str, list[Any]]:
    """The customers' own attributes by column; ids sort as the customers' numbers do."""
    return {
        "customer_id": [f"SIM{number:06d}" for number in range(n)],
        "customer_type": [TYPES[kind] for kind in random.integers(0, len(TYPES), n)],
        "region": [REGIONS[place] for place in random.integers(0, len(REGIONS), n)],
        "vip_level": random.integers(0, 4, n).tolist(),
    }
