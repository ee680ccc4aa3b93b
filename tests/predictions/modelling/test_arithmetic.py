"""Splits, calibration, promotion, leaks, drift, risk levels, the rule, and sentences."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from predictions.features.catalogue import FEATURES, LABELS
from predictions.modelling import calibration, promotion, stability
from predictions.modelling.analysis import analyse
from predictions.modelling.candidates import BASELINES
from predictions.modelling.evaluation import log_loss
from predictions.modelling.leaks import possible_leaks, single_aucs
from predictions.modelling.promotion import Paired, decide
from predictions.modelling.reasons import reasons
from predictions.modelling.risk import risk_levels
from predictions.modelling.rows import Rows
from predictions.modelling.rule import Rule, missing_rows
from predictions.modelling.sentences import SENTENCES
from predictions.modelling.splits import as_of_dates, held_out, split
from predictions.modelling.wording import FIELD, sentence

from .synthetic import NAMES, encoded, frame

DAY = dt.date(2017, 10, 1)
BOUNDS = (0.3, 0.5, 0.7)


@pytest.mark.parametrize("horizon", [1, 7, 14, 28])
def test_no_label_reaches_into_a_later_slice_or_past_the_training_date(horizon):
    dates = as_of_dates(as_of=DAY, horizon_days=horizon, first_day=dt.date(2017, 1, 21))
    cut = split(dates=dates, horizon_days=horizon)
    span = dt.timedelta(days=horizon)
    assert cut.train
    assert cut.train[-1] + span <= cut.calibration[0]
    assert cut.calibration[-1] + span <= cut.test[0]
    assert cut.test[-1] + span <= DAY


def test_dates_are_bounded_and_none_lies_before_the_first_day():
    assert as_of_dates(as_of=DAY, horizon_days=7, first_day=dt.date(2017, 9, 25)) == []
    many = as_of_dates(as_of=DAY, horizon_days=7, first_day=dt.date(2000, 1, 1), most=60)
    assert len(many) == 60
    assert many[-1] == dt.date(2017, 9, 24)


def test_about_a_fifth_of_the_customers_is_held_out_and_always_the_same():
    ids = [f"C{n}" for n in range(5000)]
    first = held_out(customer_ids=ids)
    assert 0.17 < first.mean() < 0.23
    assert held_out(customer_ids=ids[::-1])[::-1].tolist() == first.tolist()


def test_calibration_mends_probabilities_that_are_too_extreme_and_keeps_good_ones():
    random = np.random.default_rng(3)
    truth = random.random(4000)
    churned = random.random(4000) < truth
    extreme = 1 / (1 + np.exp(-3 * np.log(truth / (1 - truth))))
    mended, _losses = calibration.choose(probability=extreme, churned=churned, customers=np.arange(4000))
    assert mended.method != "none"
    fresh = random.random(4000) < truth
    before = log_loss(probability=extreme, churned=fresh)
    assert log_loss(probability=mended.apply(extreme), churned=fresh) < before - 0.05


@pytest.mark.parametrize("method", calibration.METHODS)
def test_a_calibration_never_turns_the_order_round(method):
    random = np.random.default_rng(3)
    probability = random.random(1000)
    fitted = calibration.fit(method=method, probability=probability, churned=random.random(1000) < probability)
    assert (np.diff(fitted.apply(np.sort(probability))) >= 0).all()


def test_risk_bounds_belong_to_the_level_above_at_six_decimals():
    given = np.array([0.2999994, 0.2999996, 0.3, 0.499999, 0.5, 0.7, 1.0])
    levels = risk_levels(probability=np.round(given, 6), bounds=BOUNDS)
    assert levels == ["low", "medium", "medium", "medium", "high", "critical", "critical"]


def test_a_column_that_knows_the_outcome_is_a_possible_leak_and_others_are_not():
    encoding, rows = encoded(frame())
    leaking = rows.matrix.copy()
    leaking[:, NAMES.index("noise")] = rows.churned + np.random.default_rng(0).normal(0, 0.1, len(rows))
    leaked = Rows(leaking, rows.churned, rows.customers, rows.days)
    labels = encoding.label_positions
    assert possible_leaks(single_aucs(rows=leaked, names=NAMES, labels=labels)) == ["noise"]
    assert possible_leaks(single_aucs(rows=rows, names=NAMES, labels=labels)) == []


def test_a_column_missing_for_just_the_churned_is_a_possible_leak():
    encoding, rows = encoded(frame())
    rows.matrix[:, 4] = np.where(rows.churned, np.nan, rows.matrix[:, 4])
    assert possible_leaks(single_aucs(rows=rows, names=NAMES, labels=encoding.label_positions)) == ["noise"]


def _decide(**changes):
    given = {"leaks": [], "calibration_error": 0.01, "has_champion": True, "champion_is_rule": False, "paired": None}
    return decide(**{**given, **changes})


def test_the_promotion_rule_promotes_the_better_and_stops_leaks_and_the_badly_calibrated():
    better, unsure = Paired(-0.01, -0.02, -0.001), Paired(-0.01, -0.02, 0.001)
    assert _decide(paired=better).promote
    assert not _decide(paired=unsure).promote
    assert not _decide(paired=better, leaks=["x"]).promote
    assert not _decide(has_champion=False, leaks=["x"]).promote
    assert not _decide(paired=better, calibration_error=0.2).promote
    assert _decide(has_champion=False, calibration_error=0.2).promote
    assert _decide(champion_is_rule=True, paired=unsure).promote


def test_a_paired_comparison_of_equal_models_finds_no_difference():
    random = np.random.default_rng(2)
    probability = random.random(500)
    churned = random.random(500) < probability
    same = promotion.compare(challenger=probability, champion=probability, churned=churned, customers=np.arange(500))
    assert (same.difference, same.low, same.high) == (0, 0, 0)
    worse = promotion.compare(
        challenger=np.full(500, 0.5), champion=probability, churned=churned, customers=np.arange(500)
    )
    assert worse.low > 0


def test_psi_equals_a_hand_case():
    reference = stability.Profile(edges=(1.5,), shares=(0.5, 0.5, 0.0), n_units=1000)
    shift = stability.compare(reference=reference, values=np.array([1.0] * 80 + [2.0] * 20))
    assert shift.psi == pytest.approx(0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5))


def test_chance_alone_is_as_rarely_significant_as_it_should_be():
    random = np.random.default_rng(5)
    found = []
    for _ in range(300):
        reference = stability.profile(values=random.normal(size=2000), n_units=2000)
        found.append(stability.compare(reference=reference, values=random.normal(size=400)).p_value)
    assert 0.02 < np.mean(np.array(found) < 0.05) < 0.09


def test_a_tiny_day_never_warns_and_a_large_moved_one_does():
    random = np.random.default_rng(5)
    reference = stability.profile(values=random.normal(size=2000), n_units=2000)
    assert not stability.compare(reference=reference, values=random.normal(3, 1, size=20)).is_warning
    assert stability.compare(reference=reference, values=random.normal(3, 1, size=500)).is_warning


def test_the_rule_falls_with_purchases_and_says_what_is_missing():
    rule = Rule(4, 7, 0, 1, 2, 3)
    given = np.array([[0, 20, 1, 200], [2, 20, 2, 200], [9, 60, 9, 200]], dtype=np.float32)
    probability = rule.probability(given)
    assert probability.tolist() == sorted(probability, reverse=True)
    assert probability[1] == pytest.approx(np.exp(-7 * (2 / 20 + 20 / 180) / 2))
    missing = {"code": "few_rows", "least": 200, "n_churned": 150, "n_retained": 900}
    assert missing_rows(n_churned=150, n_retained=900) == missing
    assert missing_rows(n_churned=200, n_retained=200) is None


def test_every_feature_has_a_sentence_in_both_languages_that_names_only_features():
    names = {feature.name for feature in FEATURES}
    assert set(SENTENCES) == names
    for name, declared in SENTENCES.items():
        for template in (declared.en, declared.zh, *(declared.fuller or ())):
            fields = {field for field, _how in FIELD.findall(template)}
            assert name in fields
            assert fields <= names
        assert any("一" <= letter <= "鿿" for letter in declared.zh)


@pytest.mark.parametrize("name", [feature.name for feature in FEATURES])
def test_a_sentence_can_be_said_of_any_value_and_of_none(name):
    row = {one.name: "x" if one.name in LABELS else 1.5 for one in FEATURES}
    for said in (sentence(name=name, row=row), sentence(name=name, row=dict.fromkeys(row))):
        assert set(said) == {"zh", "en"}
        assert not any("{" in text or "None" in text or "nan" in text for text in said.values())


def test_the_sentence_of_the_last_purchase_tells_the_rhythm_where_it_is_known():
    row = {"days_since_last_transaction": 15, "avg_transaction_interval": 3.0}
    assert sentence(name="days_since_last_transaction", row=row) == {
        "en": "Last purchase 15 days ago; usually every 3",
        "zh": "上次购买在 15 天前；平时每 3 天一次",
    }
    row = {"days_since_last_transaction": 1, "avg_transaction_interval": None}
    assert sentence(name="days_since_last_transaction", row=row)["en"] == "Last purchase 1 day ago"


def test_reasons_name_the_strongest_up_and_down_once_a_topic():
    names = ("transaction_count_20d", "frequency_score", "region", "friend_count", "vip_level", "gender", "age_group")
    shares = np.array([[0.9, 0.8, 0.4, -0.3, 0.2, -0.1, -0.05, 0.0]])
    told = reasons(rows=[dict.fromkeys(names, 1)], contributions=shares, names=names)[0]
    assert [one["feature"] for one in told] == [
        "transaction_count_20d",
        "region",
        "friend_count",
        "vip_level",
        "gender",
    ]


def test_the_analysis_groups_twins_and_suggests_what_to_drop():
    given = frame().with_columns(noise=pl.col("count") * 2.0)
    encoding, rows = encoded(given)
    model = BASELINES[2].fit(rows, encoding, 0)
    labels = encoding.label_positions
    single = single_aucs(rows=rows, names=NAMES, labels=labels)
    found = analyse(model=model, rows=rows, names=NAMES, labels=labels, single=single, seed=0)
    assert found.groups == [["count", "noise"]]
    assert {"feature": "empty", "reason": {"code": "constant"}} in found.drops
    assert sum(found.gain.values()) == pytest.approx(1)
    assert found.permutation["count"] > found.permutation["empty"]
