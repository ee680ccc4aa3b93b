"""The day's list under a budget."""

from itertools import product

import numpy as np
import pytest

from experiments.uplift.choice import choose


def harmless(effect: np.ndarray) -> np.ndarray:
    return np.zeros(effect.shape, dtype=np.bool_)


@pytest.mark.parametrize("seed", range(20))
def test_no_other_list_within_the_budget_gains_more(seed):
    random = np.random.default_rng(seed)
    effect, value = random.normal(0.1, 0.2, (7, 2)), random.uniform(0, 100, 7)
    harmed = random.random((7, 2)) < 0.2
    budget, cost = random.uniform(0, 20), 3.0
    chosen = choose(effect=effect, value=value, cost=cost, budget=budget, harmed=harmed)
    assert chosen.net[chosen.treat].sum() == pytest.approx(_most(effect, value, cost, budget, harmed))
    assert len(chosen.treat) * cost <= budget


def _most(effect, value, cost, budget, harmed) -> float:
    """The best of all ways to give each customer one of the arms or nothing."""
    best = 0.0
    for arms in product((None, 0, 1), repeat=len(effect)):
        given = [(at, arm) for at, arm in enumerate(arms) if arm is not None]
        if len(given) * cost <= budget and not any(harmed[pair] for pair in given):
            best = max(best, sum(effect[pair] * value[pair[0]] - cost for pair in given))
    return best


def test_the_most_gainful_come_first_and_losses_not_at_all():
    effect = np.array([[0.1], [0.5], [0.001], [0.3]])
    chosen = choose(effect=effect, value=np.full(4, 100.0), cost=1, budget=None, harmed=harmless(effect))
    assert chosen.treat.tolist() == [1, 3, 0]
    assert chosen.net[chosen.treat].tolist() == pytest.approx([49, 29, 9])


def test_a_budget_pays_for_whole_treatments_only():
    effect = np.full((10, 1), 0.5)
    lists = [
        choose(effect=effect, value=np.full(10, 9.0), cost=0.1, budget=budget, harmed=harmless(effect)).treat
        for budget in (0.3, 0.39, 0, None)
    ]
    assert [len(one) for one in lists] == [3, 3, 0, 10]


def test_whom_every_arm_harms_is_left_alone_and_whom_one_harms_gets_the_other():
    effect = np.array([[0.5, 0.1], [0.5, 0.4]])
    harmed = np.array([[True, False], [True, True]])
    chosen = choose(effect=effect, value=np.full(2, 100.0), cost=0, budget=None, harmed=harmed)
    assert (chosen.treat.tolist(), chosen.arm[0], chosen.leave.tolist()) == ([0], 1, [1])


def test_a_customer_without_a_known_value_gains_nothing():
    effect = np.array([[0.5]])
    chosen = choose(effect=effect, value=np.array([np.nan]), cost=1, budget=None, harmed=harmless(effect))
    assert len(chosen.treat) == 0
