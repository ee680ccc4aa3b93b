"""The simulated shop: chances are drawn once, so that treatment is the only difference between two worlds."""

import datetime as dt

import numpy as np

from experiments.simulation.world import Shop, World, without_treatment

FIRST = dt.date(2026, 1, 1)
SHOP = Shop(n_customers=400)
NOBODY = np.array([], dtype=np.int64)


def lived(world: World, *, days: int, treated: dict[int, np.ndarray] | None = None) -> list[frozenset[int]]:
    """Who was active on each day."""
    active = []
    for number in range(days):
        world.treat((treated or {}).get(number, NOBODY))
        active.append(frozenset(world.step().active.tolist()))
    return active


def test_the_same_shop_lives_the_same_days():
    assert lived(World(shop=SHOP, first=FIRST), days=30) == lived(World(shop=SHOP, first=FIRST), days=30)


def test_another_seed_is_another_shop():
    other = World(shop=Shop(n_customers=400, seed=7), first=FIRST)
    assert lived(World(shop=SHOP, first=FIRST), days=5) != lived(other, days=5)


def test_a_treatment_changes_nothing_before_it_and_nobody_else():
    treated = {10: np.arange(0, 400, 2)}
    plain, helped = (lived(World(shop=SHOP, first=FIRST), days=30, treated=one) for one in (None, treated))
    assert plain[:10] == helped[:10]
    assert all(number % 2 == 0 for a, b in zip(plain, helped, strict=True) for number in a ^ b)


def test_a_treatment_that_keeps_nobody_changes_nothing():
    shop = without_treatment(SHOP)
    assert lived(World(shop=shop, first=FIRST), days=20, treated={3: np.arange(400)}) == lived(
        World(shop=SHOP, first=FIRST), days=20
    )


def test_the_given_share_of_those_who_would_be_silent_shows_up():
    shop = Shop(n_customers=20_000, keeps=0.3)
    everyone = np.arange(shop.n_customers)
    plain, helped = (lived(World(shop=shop, first=FIRST), days=40, treated=one) for one in (None, {30: everyone}))
    silent = set(everyone.tolist()) - frozenset().union(*plain[30:37])
    kept = silent & frozenset().union(*helped[30:37])
    assert abs(len(kept) / len(silent) - 0.3) < 3 * np.sqrt(0.3 * 0.7 / len(silent))
