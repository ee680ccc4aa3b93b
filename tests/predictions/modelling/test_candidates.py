"""Every candidate can be stored as text and loaded with the same answers."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from predictions.modelling.blend import Blend
from predictions.modelling.calibration import Calibration
from predictions.modelling.candidates import BASELINES, Candidate, fit_lightgbm
from predictions.modelling.contest import enter_all
from predictions.modelling.linear import Linear
from predictions.modelling.rule import Rule
from predictions.modelling.scorer import Scorer
from predictions.modelling.trees import from_boosting, from_forest

from .synthetic import NAMES, encoded, frame

PARAMETERS = {"learning_rate": 0.1, "num_leaves": 7, "min_data_in_leaf": 20}


def in_log_odds(model: object) -> bool:
    return isinstance(model, Linear | Blend) or getattr(model, "is_log_odds", False)


@pytest.fixture(scope="module")
def models() -> dict[str, tuple]:
    encoding, rows = encoded(frame())
    plain = [Candidate(one.name, "", one.fit, one.most_rows) for one in BASELINES if "purchase" not in one.name]
    fitted = {one.name: one.fit(rows, encoding, 1) for one in plain}
    fitted["lightgbm"], _kept = fit_lightgbm(rows=rows, encoding=encoding, parameters=PARAMETERS, n_trees=20, seed=1)
    fitted["blend"] = Blend(((0.5, fitted["lightgbm"]), (0.5, fitted["logistic_regression"])))
    fitted["rule"] = Rule(len(NAMES), 7, 0, 2, 0, 1)
    return {name: (Scorer(encoding, model), encoding) for name, model in fitted.items()}


ALL = ["logistic_regression", "random_forest", "hist_gradient_boosting", "lightgbm", "blend", "rule"]


@pytest.mark.parametrize("name", ALL)
def test_a_model_read_back_from_its_text_gives_the_same_probabilities(models, name):
    scorer, _encoding = models[name]
    unseen = frame(300, seed=9)
    again = Scorer.from_files(scorer.files())
    np.testing.assert_array_equal(again.probability(unseen), scorer.probability(unseen))
    np.testing.assert_array_equal(again.contributions(unseen), scorer.contributions(unseen))


@pytest.mark.parametrize("name", ALL)
def test_contributions_sum_to_the_raw_score(models, name):
    scorer, encoding = models[name]
    matrix = encoding.matrix(frame(200, seed=9))
    total = scorer.model.contributions(matrix).sum(axis=1)
    is_probability = name == "random_forest"
    expected = scorer.model.probability(matrix) if is_probability else scorer.model.log_odds(matrix)
    np.testing.assert_allclose(total, expected, atol=1e-5)


def test_an_exported_forest_answers_as_scikit_learn_does_with_holes_in_the_data():
    encoding, rows = encoded(frame())
    forest = RandomForestClassifier(n_estimators=20, min_samples_leaf=5, random_state=3).fit(rows.matrix, rows.churned)
    unseen = encoding.matrix(frame(500, seed=5))
    exported = from_forest(forest, n_features=len(NAMES))
    np.testing.assert_allclose(exported.probability(unseen), forest.predict_proba(unseen)[:, 1], atol=1e-12)


def test_exported_boosting_answers_as_scikit_learn_does_with_holes_in_the_data():
    encoding, rows = encoded(frame())
    known = [0, 1, 2, 3, 4]
    boosting = HistGradientBoostingClassifier(max_iter=30, random_state=3).fit(rows.matrix[:, known], rows.churned)
    unseen = encoding.matrix(frame(500, seed=5))
    exported = from_boosting(boosting, features=known, n_features=len(NAMES))
    expected = boosting.predict_proba(unseen[:, known])[:, 1]
    np.testing.assert_allclose(exported.probability(unseen), expected, atol=1e-12)


def test_a_label_that_training_did_not_see_is_a_missing_value():
    encoding, _rows = encoded(frame())
    given = frame(3).with_columns(colour=np.array(["red", "mauve", "blue"]))
    codes = encoding.matrix(given)[:, NAMES.index("colour")]
    assert np.isnan(codes).tolist() == [False, True, False]


def test_the_same_seed_gives_the_same_models_to_the_byte(monkeypatch):
    encoding, rows = encoded(frame(600))
    monkeypatch.setattr("predictions.modelling.search.MOST_TREES", 20)
    monkeypatch.setattr("predictions.modelling.contest.BASELINES", BASELINES[2:4])

    def files() -> list[dict[str, str]]:
        entries = enter_all(train=rows, validation=rows, encoding=encoding, trials=2, seed=4)
        return [Scorer(encoding, entry.model, entry.calibration).files() for entry in entries]

    assert files() == files()


def test_calibration_is_stored_with_the_model():
    encoding, rows = encoded(frame())
    linear = BASELINES[2].fit(rows, encoding, 0)
    given = frame(50, seed=2)
    calibrated = Scorer(encoding, linear, Calibration("platt", a=0.5, b=0.5, c=0.3))
    assert not np.allclose(calibrated.probability(given), Scorer(encoding, linear).probability(given))
    np.testing.assert_array_equal(
        Scorer.from_files(calibrated.files()).probability(given), calibrated.probability(given)
    )
