"""The two learners, and their texts."""

import numpy as np
import pytest

from experiments.uplift.learners import LEARNERS, Settings, TLearner, transformed
from experiments.uplift.trial import folds_of
from tests.experiments.uplift.trials import ENCODING, by_a, harms_some, trial

LABELS = ENCODING.label_positions


@pytest.mark.parametrize("name", LEARNERS)
def test_the_effect_is_found_where_it_is(name):
    found = trial(n=8_000, effect=harms_some, seed=1, propensity=0.7)
    effect = LEARNERS[name].fit(found, labels=LABELS, settings=Settings(n_trees=40)).effect(found.matrix)
    helped = found.matrix[:, 0] > 0
    assert (effect[helped].mean(), effect[~helped].mean()) == (
        pytest.approx(0.35, abs=0.1),
        pytest.approx(-0.35, abs=0.1),
    )


@pytest.mark.parametrize("name", LEARNERS)
def test_a_model_read_from_its_text_answers_as_before(name):
    found = trial(n=600, effect=by_a, seed=1)
    learned = LEARNERS[name].fit(found, labels=LABELS, settings=Settings(n_trees=5))
    again = LEARNERS[name].from_files(learned.files())
    assert np.array_equal(again.effect(found.matrix), learned.effect(found.matrix))


@pytest.mark.parametrize("name", LEARNERS)
def test_the_same_customers_give_the_same_text(name):
    found = trial(n=600, effect=by_a, seed=1)
    one, other = (LEARNERS[name].fit(found, labels=LABELS, settings=Settings(n_trees=5)) for _ in range(2))
    assert one.files() == other.files()


def test_the_mean_of_the_transformed_outcome_is_the_effect():
    found = trial(n=60_000, effect=by_a, seed=4, propensity=0.9)
    assert transformed(found).mean() == pytest.approx(0.2, abs=0.02)


def test_amounts_are_learned_as_amounts():
    found = trial(n=4_000, effect=by_a, seed=5)
    found.outcome[:] *= 100
    learned = TLearner.fit(found, labels=LABELS, settings=Settings(n_trees=40))
    assert learned.without(found.matrix).mean() == pytest.approx(found.outcome[~found.treated].mean(), rel=0.05)


def test_a_customers_fold_rests_on_the_customer_alone():
    customers = [f"C{number}" for number in range(5_000)]
    folds = folds_of(customers)
    assert folds_of(customers[::-1]).tolist() == folds[::-1].tolist()
    assert np.bincount(folds).tolist() == pytest.approx([1_000] * 5, rel=0.1)
