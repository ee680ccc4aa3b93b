"""Measures against scikit-learn and hand cases."""

import numpy as np
import pytest
from sklearn import metrics

from predictions.modelling.evaluation import ece, evaluate, gain_by_decile


@pytest.fixture
def case():
    random = np.random.default_rng(1)
    probability = np.round(random.random(900), 2)
    return probability, random.random(900) < probability, np.arange(900) // 3


def value(case, name: str, **options) -> float:
    probability, churned, customers = case
    found = evaluate(probability=probability, churned=churned, customers=customers, replicates=2, **options)
    return found.measures[name].value


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("roc_auc", metrics.roc_auc_score),
        ("pr_auc", metrics.average_precision_score),
        ("brier", metrics.brier_score_loss),
        ("log_loss", lambda y, p: metrics.log_loss(y, np.clip(p, 1e-15, 1 - 1e-15))),
        ("accuracy", lambda y, p: metrics.accuracy_score(y, p >= 0.5)),
    ],
)
def test_a_measure_equals_scikit_learns_with_ties(case, name, reference):
    assert value(case, name) == pytest.approx(reference(case[1], case[0]), abs=1e-12)


def test_calibration_error_is_the_weighted_gap_of_the_bins():
    probability = np.array([0.1, 0.1, 0.9, 0.9])
    churned = np.array([False, True, True, True])
    assert ece(probability=probability, churned=churned) == pytest.approx((2 * 0.4 + 2 * 0.1) / 4)


def test_lift_of_the_top_tenth_is_its_churn_rate_over_the_base_rate():
    probability = np.linspace(1, 0, 100)
    churned = np.zeros(100, dtype=bool)
    churned[:8] = churned[50:62] = True
    assert value((probability, churned, np.arange(100)), "lift_top_decile") == pytest.approx(0.8 / 0.2)


def test_gain_ends_at_all_of_the_churned(case):
    gain = gain_by_decile(probability=case[0], churned=case[1])
    assert gain[-1] == 1
    assert gain == sorted(gain)


def test_one_class_only_has_no_auc_and_says_why():
    found = evaluate(probability=np.array([0.2, 0.3]), churned=np.array([False, False]), customers=np.array([1, 2]))
    assert found.measures["roc_auc"].value is None
    assert found.reason == {"code": "one_class"}
    assert found.measures["base_rate"].value == 0


def test_the_interval_resamples_customers_and_not_rows():
    random = np.random.default_rng(0)
    probability = np.repeat(random.random(60), 30)
    churned = np.repeat(random.random(60) < 0.5, 30)
    by_row = evaluate(probability=probability, churned=churned, customers=np.arange(1800)).measures["roc_auc"]
    by_customer = evaluate(probability=probability, churned=churned, customers=np.arange(1800) // 30)
    wide = by_customer.measures["roc_auc"]
    assert wide.high - wide.low > 3 * (by_row.high - by_row.low)


def calibration_error(off: float, seed: int):
    random = np.random.default_rng(seed)
    truth = random.uniform(0.2, 0.6, 1200)
    churned = random.random(1200) < truth
    found = evaluate(probability=truth + off, churned=churned, customers=np.arange(1200), replicates=60)
    return found.measures["ece"]


@pytest.mark.parametrize("off", [0.0, 0.03, 0.15])
def test_a_calibration_error_lies_within_its_interval(off):
    for seed in range(12):
        error = calibration_error(off, seed)
        assert 0 <= error.low <= error.value <= error.high


def test_the_interval_of_the_calibration_error_holds_the_true_one():
    for off in (0.0, 0.15):
        found = [calibration_error(off, seed) for seed in range(20)]
        assert sum(error.low <= off <= error.high for error in found) >= 17
