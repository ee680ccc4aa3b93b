"""The Qini curve, its area and its largest value."""

import numpy as np
import pytest

from experiments.uplift.optimum import optimum
from experiments.uplift.qini import Order, replicates
from experiments.uplift.scores import scores
from experiments.uplift.trial import Trial
from tests.experiments.uplift.trials import by_a, harms_some, trial

ONE_FOLD = np.zeros(4, dtype=np.int64)


def order(priority, values, folds=ONE_FOLD) -> Order:
    return Order(priority=np.array(priority, dtype=float), scores=np.array(values, dtype=float), folds=folds)


def test_four_customers_by_hand():
    """G at 0, ¼, ½, ¾, 1 is 0, 1, 1, ½, ½ (scores 4, 0, −2, 0 over 4); trapezoids: ⅛ + ¼ + 3/16 + ⅛ = 11/16, less ¼."""
    area, curve = order([4, 3, 2, 1], [4, 0, -2, 0]).measured(grid=np.array([0, 0.25, 0.5, 0.75, 1]))
    assert curve.tolist() == [0, 1, 1, 0.5, 0.5]
    assert area == pytest.approx(11 / 16 - 1 / 4)


def test_equal_priorities_are_random_and_their_order_in_the_table_says_nothing():
    assert order([1, 1, 1, 1], [4, 0, -2, 0]).measured()[0] == pytest.approx(0)
    assert order([2, 2, 1, 1], [4, 0, -2, 0]).measured()[0] == order([2, 2, 1, 1], [0, 4, 0, -2]).measured()[0]


def test_the_opposite_order_has_the_opposite_area():
    values = [4, 0, -2, 1]
    assert order([1, 2, 3, 4], values).measured()[0] == pytest.approx(-order([4, 3, 2, 1], values).measured()[0])


def test_a_weight_of_two_is_a_customer_twice():
    weighted = order([3, 2, 1, 0], [5, 1, 0, 9]).measured(np.array([2.0, 1, 1, 0]))
    twice = order([3, 3, 2, 1], [5, 5, 1, 0]).measured()
    assert weighted[0] == pytest.approx(twice[0])
    assert weighted[1] == pytest.approx(twice[1])


def test_folds_are_ranked_apart_so_that_the_level_of_their_models_says_nothing():
    folds = np.array([0, 0, 1, 1])
    assert (
        order([1, 2, 11, 12], [0, 4, 0, 4], folds).measured()[0]
        == order([2, 1, 2, 1], [4, 0, 4, 0], folds).measured()[0]
    )


def test_it_is_the_curve_of_radcliffe_2007_per_customer():
    """R_t(φ) − R_c(φ) · N_t(φ) / N_c(φ), by the treated of the experiment; scores with the arms' rates for models."""
    found = trial(n=40_000, effect=by_a, seed=1)
    rates = [np.full(len(found), found.outcome[arm].mean()) for arm in (found.treated, ~found.treated)]
    gain = scores(found, with_treatment=rates[0], without=rates[1])
    ours = Order(priority=found.matrix[:, 0], scores=gain, folds=np.zeros(len(found), dtype=np.int64)).measured()[1]
    assert ours == pytest.approx(_radcliffe(found, found.matrix[:, 0]), abs=0.006)


def _radcliffe(found: Trial, priority: np.ndarray) -> list[float]:
    ranked = np.argsort(-priority)
    curve = []
    for share in np.linspace(0, 1, 21):
        first = ranked[: round(share * len(ranked))]
        treated, good = found.treated[first], found.outcome[first]
        extra = good[treated].sum() - good[~treated].sum() * treated.sum() / max((~treated).sum(), 1)
        curve.append(extra / found.treated.sum())
    return curve


@pytest.mark.parametrize("propensity", [0.5, 0.9])
def test_unequal_arms_give_the_same_area(propensity):
    """Where a half gains 0.4 and is ranked first, the area is (0.4 · ½ · ½) / 2 = 0.05 by triangles."""
    found = trial(n=60_000, effect=by_a, seed=2, propensity=propensity)
    flat = np.full(len(found), 0.5)
    gain = scores(found, with_treatment=flat, without=flat)
    area, curve = Order(
        priority=(found.matrix[:, 0] > 0).astype(float), scores=gain, folds=np.zeros(len(found), dtype=np.int64)
    ).measured()
    assert (area, curve[-1]) == (pytest.approx(0.05, abs=0.006), pytest.approx(0.2, abs=0.02))


def test_scores_are_right_on_average_whatever_the_models_say():
    found = trial(n=60_000, effect=harms_some, seed=3, propensity=0.8)
    absurd = scores(found, with_treatment=np.full(len(found), 0.9), without=np.full(len(found), -0.4))
    helped = found.matrix[:, 0] > 0
    assert absurd[helped].mean() == pytest.approx(0.35, abs=0.03)
    assert absurd[~helped].mean() == pytest.approx(-0.35, abs=0.03)


def test_the_optimum_of_rates_by_hand():
    """7 of 10 treated and 4 of 10 control customers stay: 0.6 at most are won, 0.3 lost; (0.6·0.4 + 0.3·0.7) / 2."""
    assert optimum(_arms([1] * 7 + [0] * 3, [1] * 4 + [0] * 6)) == pytest.approx(0.225)


def test_the_optimum_of_amounts_agrees_with_that_of_rates():
    rates, doubled = ([1] * 7 + [0] * 3, [1] * 4 + [0] * 6), ([2] * 7 + [0] * 3, [2] * 4 + [0] * 6)
    assert optimum(_arms(*doubled)) == pytest.approx(2 * optimum(_arms(*rates)), abs=1e-3)


def _arms(treated: list[int], control: list[int]) -> Trial:
    n = len(treated) + len(control)
    return Trial(
        matrix=np.zeros((n, 1), dtype=np.float32),
        outcome=np.array(treated + control, dtype=np.float64),
        treated=np.arange(n) < len(treated),
        folds=np.zeros(n, dtype=np.int64),
        propensity=0.5,
    )


def test_the_bootstrap_has_the_spread_of_new_experiments():
    def area(seed: int) -> tuple[Order, np.ndarray]:
        found = trial(n=1_000, effect=by_a, seed=seed)
        flat = np.full(len(found), 0.5)
        gain = scores(found, with_treatment=flat, without=flat)
        return Order(priority=found.matrix[:, 0], scores=gain, folds=found.folds), found.folds

    truth = np.std([area(seed)[0].measured()[0] for seed in range(200)])
    one, folds = area(0)
    drawn = replicates({"it": one}, folds=folds, n=400, seed=0).areas["it"]
    assert drawn.std() == pytest.approx(truth, rel=0.15)
