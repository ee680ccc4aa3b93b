"""What a study finds where the truth is known."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from experiments.uplift.document import Question
from experiments.uplift.study import Options, study
from experiments.uplift.trial import Trial
from tests.experiments.uplift.trials import ENCODING, QUICK, by_a, constant, harms_some, nothing, trial

# An end of each learner's 97.5 % interval: at most 2.5 % of experiments claim; more than this, one time in a thousand.
MOST_CLAIMS = binom.ppf(0.999, 100, 0.025)


def found(options: Options = QUICK, **values):
    return study(trial(**values), name="churn", encoding=ENCODING, options=options)


def test_an_effect_that_differs_is_found_with_its_sign_and_its_feature():
    question = found(n=4_000, effect=by_a, seed=1).question
    best = question.ranked[question.learner]
    assert question.code == "signal"
    assert best.qini.low > 0
    assert best.above_risk.low > 0
    assert next(iter(question.importance)) == "a"
    assert question.deciles[0].observed.low > question.deciles[-1].observed.high


def test_groups_say_who_gains():
    parts = [one for one in found(n=4_000, effect=by_a, seed=1).question.groups if one.feature == "a"]
    assert parts[-1].observed.low > 0.2
    assert parts[0].observed.high < 0.2
    assert parts[0].low is None
    assert sum(one.n for one in parts) == pytest.approx(3_200, abs=150)


def test_a_number_of_few_values_is_shown_by_its_values():
    whole = trial(n=2_000, effect=by_a, seed=1)
    whole.matrix[:, 0] = whole.matrix[:, 0] > 0
    question = study(whole, name="churn", encoding=ENCODING, options=QUICK).question
    assert [one.label for one in question.groups if one.feature == "a"] == ["0", "1"]


def test_whom_it_harms_is_found_with_evidence():
    answer = found(n=4_000, effect=harms_some, seed=2)
    assert (answer.question.code, answer.question.harm.share) == ("signal", 0.5)
    assert answer.question.harm.observed.high < 0
    assert answer.question.harm.threshold < 0


def test_nobody_is_harmed_where_it_only_helps():
    assert found(n=4_000, effect=by_a, seed=2).question.harm is None


@cache
def of_nothing() -> list[Question]:
    """A hundred experiments in which treatment does nothing."""
    return [found(n=400, effect=nothing, seed=seed).question for seed in range(100)]


def test_no_signal_is_claimed_more_often_than_said_where_treatment_does_nothing():
    assert claims(of_nothing()) <= MOST_CLAIMS


def test_no_signal_is_claimed_more_often_than_said_where_everybody_gains_the_same():
    questions = [found(n=700, effect=constant, seed=seed, propensity=0.7).question for seed in range(100)]
    assert claims(questions) <= MOST_CLAIMS


def claims(questions: list[Question]) -> int:
    assert {question.code for question in questions} <= {"signal", "risk_does", "no_signal"}
    return sum(question.code != "no_signal" for question in questions)


def test_the_interval_of_the_coefficient_is_not_too_narrow_where_treatment_does_nothing():
    """Over its standard error the coefficient has a spread of 1; a 97.5 % interval is 4.48 of them wide."""
    coefficients = [question.ranked["t_learner"].qini for question in of_nothing()]
    assert np.std([one.value / (one.high - one.low) * 4.4828 for one in coefficients]) == pytest.approx(1, abs=0.22)


def test_where_risk_orders_as_well_it_is_said():
    question = found(n=4_000, effect=by_a, seed=1, risk="a").question
    assert question.code == "risk_does"
    assert question.ranked["risk"].qini.low > 0


@pytest.mark.parametrize(("first", "with_treated"), [(90, False), (60, True)])
def test_too_few_customers_are_not_learned_from(first, with_treated):
    whole = trial(n=2_000, effect=by_a, seed=1)
    few = (np.arange(len(whole)) < first) | (whole.treated & with_treated)
    answer = study(whole.where(few), name="churn", encoding=ENCODING, options=QUICK)
    assert (answer.question.code, answer.model, answer.question.ranked) == ("too_few", None, None)
    assert answer.question.figures["n_in_fold"] < answer.question.figures["least"] == 20


def test_an_outcome_that_hardly_varies_is_not_learned_from():
    whole = trial(n=2_000, effect=nothing, seed=1)
    whole.outcome[:] = 0
    whole.outcome[:10] = 1
    assert study(whole, name="churn", encoding=ENCODING, options=QUICK).question.figures["n_rarest"] < 20


def test_a_study_is_the_same_again():
    one, other = (found(n=800, effect=by_a, seed=1) for _ in range(2))
    assert one.question == other.question
    assert one.model.files() == other.model.files()


def test_the_order_of_the_rows_moves_nobody_to_another_fold():
    whole = trial(n=1_000, effect=by_a, seed=3)
    turned = np.arange(len(whole))[::-1]
    other = Trial(
        matrix=whole.matrix[turned],
        outcome=whole.outcome[turned],
        treated=whole.treated[turned],
        folds=whole.folds[turned],
        propensity=0.5,
    )
    answers = [study(rows, name="churn", encoding=ENCODING, options=QUICK).question for rows in (whole, other)]
    assert [answer.code for answer in answers] == ["signal", "signal"]
    assert answers[0].effect.value == pytest.approx(answers[1].effect.value, abs=0.02)
