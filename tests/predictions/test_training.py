"""Training on a small shop: what is used, what is registered, and when nothing is promoted."""

import datetime as dt
import json

import numpy as np
import polars as pl
import pytest
from django.core.management import CommandError, call_command

from predictions import drift, registry, scoring, training, training_data, training_report
from predictions.models import Drift, ModelVersion, Promotion

from .shops import AS_OF, FIRST, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch):
    """A shop that is just large enough for a model; the slow plain candidates stay out of it."""
    open_shop(n_customers=90)
    import predictions.modelling.contest as contest

    quick = tuple(one for one in contest.BASELINES if one.name not in ("random_forest", "hist_gradient_boosting"))
    monkeypatch.setattr(contest, "BASELINES", quick)
    monkeypatch.setattr("predictions.modelling.search.MOST_TREES", 40)


def train(**options) -> ModelVersion:
    return training.train(**{"as_of": AS_OF, "trials": 1, "seed": 1, **options})


def test_a_model_is_trained_registered_promoted_reported_and_the_same_when_trained_again(shop):
    model = train()
    assert model.kind in ("blend", "lightgbm", "logistic_regression", "purchase_count_20d", "purchase_count_180d")
    assert model.role == "champion"
    assert registry.champion() == model
    assert model.metrics["roc_auc"]["low"] < model.metrics["roc_auc"]["value"] < model.metrics["roc_auc"]["high"]
    assert model.metrics["seen"]["n_customers"] > model.metrics["unseen"]["n_customers"] > 0
    assert {"purchase_count_20d", "purchase_count_180d"} <= {model.kind, *model.baselines}
    assert {"roc", "precision_recall", "calibration", "gain"} == set(model.curves)
    page = training_report.path_of(model).read_text()
    assert model.version in page
    assert page.count("<svg") == 8
    again = train()
    assert again.version == model.version
    assert ModelVersion.objects.count() == Promotion.objects.count() == 1


def test_a_day_scored_by_a_trained_model_has_the_drift_of_every_feature_and_the_score(shop):
    train()
    scoring.score(as_of=AS_OF)
    assert drift.measure(as_of=AS_OF)["measured"] == 89
    drift.measure(as_of=AS_OF)
    assert Drift.objects.filter(as_of=AS_OF).count() == 89
    assert Drift.objects.get(feature="vip_level").psi == 0


def test_only_closed_labels_and_facts_before_each_date_are_used(shop):
    last = max(dt.date.fromisoformat(day) for day in train().data["as_of_dates"])
    assert last + dt.timedelta(days=7) <= AS_OF


def test_rows_dated_from_the_training_date_on_change_nothing():
    open_shop(n_customers=8, n_days=190)
    before = training_data.collect(as_of=dt.date(2017, 5, 1), horizon_days=7, advance=training.Advance())
    from customers.models import Transaction

    Transaction.objects.filter(occurred_at__gte=dt.datetime(2017, 5, 1, tzinfo=dt.UTC)).delete()
    after = training_data.collect(as_of=dt.date(2017, 5, 1), horizon_days=7, advance=training.Advance())
    assert before.dates == after.dates
    assert len(before.dates) > 10
    for name in before.frame.columns:
        assert before.frame[name].cast(pl.String).to_list() == after.frame[name].cast(pl.String).to_list(), name


def test_with_too_little_data_a_rule_scores_and_says_what_is_missing():
    open_shop(n_customers=5, n_days=60)
    model = train(as_of=FIRST + dt.timedelta(days=50))
    assert model.kind == "rule"
    assert model.role == "champion"
    assert "at least 200 churned and 200 retained" in model.told[0]
    assert registry.champion().promotions.get().remark["code"] == "few_rows"


def test_without_any_fact_there_is_still_a_rule():
    assert train().kind == "rule"


def test_a_leak_stops_promotion_and_is_named(shop, monkeypatch):
    collect = training_data.collect

    def leaking(**options):
        collected = collect(**options)
        noise = np.random.default_rng(0).normal(0, 0.05, collected.frame.height).astype(np.float32)
        frame = collected.frame.with_columns(
            friend_activity_level=pl.col("churned").cast(pl.Float32) + pl.Series(noise)
        )
        return training_data.Collected(frame, collected.dates)

    monkeypatch.setattr(training, "collect", leaking)
    model = train()
    assert model.role == "challenger"
    assert registry.champion() is None
    assert model.told[0].startswith("Possible leak: friend_activity_level alone")
    assert "friend_activity_level" in model.why_not_promoted


def test_the_command_prints_the_form_that_scripts_rely_on(shop, capsys):
    call_command("train_model", "--as-of", AS_OF.isoformat(), "--trials", "1", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"version", "kind", "promoted", "metrics", "baselines", "as_of_dates", "rows"}
    measures = {"roc_auc", "pr_auc", "log_loss", "brier", "ece", "lift_top_decile", "base_rate", "accuracy"}
    assert set(printed["metrics"]) == measures
    assert all(set(metrics) == measures for metrics in printed["baselines"].values())
    assert printed["promoted"] is True
    assert printed["rows"] > 400


def test_a_number_of_trials_that_is_none_is_wrong_usage():
    with pytest.raises(CommandError):
        call_command("train_model", "--as-of", "2017-07-01", "--trials", "0")
