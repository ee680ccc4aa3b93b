"""Scoring a day, its outcomes and its drift."""

import csv
import datetime as dt
import json

import polars as pl
import pytest
from django.core.management import CommandError, call_command

from customers.commands import Refused
from customers.models import Customer
from predictions import drift, explanations, outcomes, registry, scoring, snapshots
from predictions.models import DailyQuality, Drift, ModelVersion, Prediction
from predictions.value import MONTHLY_VALUE, in_account_currency

from .model_rows import make_model
from .shops import AS_OF, buy, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> ModelVersion:
    open_shop()
    made = make_model("first")
    registry.promote(model=made, user=None, reason="")
    return made


def rows() -> list[tuple]:
    found = Prediction.objects.order_by("customer_id")
    return list(found.values_list("customer_id", "probability", "risk_level", "lifecycle_stage", "reasons", "model_id"))


def test_each_eligible_customer_and_nobody_else_is_scored(model):
    summary = scoring.score(as_of=AS_OF)
    eligible = snapshots.read(as_of=AS_OF, eligible_only=True)["customer_pk"].to_list()
    assert sorted(row[0] for row in rows()) == sorted(eligible)
    assert summary.scored == len(eligible) == sum(summary.levels.values()) < Customer.objects.count()


def test_high_and_critical_risk_have_reasons_at_once_and_others_on_first_look(model):
    scoring.score(as_of=AS_OF)
    assert {bool(row[4]) for row in rows() if row[2] in ("high", "critical")} == {True}
    assert {row[4] for row in rows() if row[2] in ("low", "medium")} == {None}
    calm = Prediction.objects.filter(reasons__isnull=True).first()
    told = explanations.reasons_for(calm)
    assert set(told[0]) == {"feature", "value", "contribution", "sentence"}
    assert set(told[0]["sentence"]) == {"zh", "en"}
    assert Prediction.objects.get(pk=calm.pk).reasons == told


def test_the_main_reason_is_the_first_that_raises_the_risk_and_only_of_those_at_risk(model):
    scoring.score(as_of=AS_OF)
    for row in Prediction.objects.all():
        raising = [one["feature"] for one in row.reasons or [] if one["contribution"] > 0]
        assert row.main_reason == next(iter(raising), None)
    assert Prediction.objects.filter(main_reason__isnull=False).exists()
    assert set(Prediction.objects.filter(main_reason__isnull=False).values_list("risk_level", flat=True)) <= {
        "high",
        "critical",
    }


def test_the_monthly_value_kept_with_a_score_is_that_of_the_days_features(model):
    scoring.score(as_of=AS_OF)
    features = snapshots.read(as_of=AS_OF, eligible_only=True)
    expected = {key: in_account_currency(value) for key, value in features.select("customer_pk", MONTHLY_VALUE).rows()}
    assert dict(Prediction.objects.values_list("customer_id", "monthly_value")) == expected
    assert len(set(expected.values())) > 1


def test_reasons_kept_are_not_made_again(model, data_dir):
    scoring.score(as_of=AS_OF)
    calm = Prediction.objects.filter(reasons__isnull=True).first()
    told = explanations.reasons_for(calm)
    (data_dir / model.path / "scorer.json").unlink()
    assert explanations.reasons_for(Prediction.objects.get(pk=calm.pk)) == told


def test_a_day_scored_twice_has_its_rows_once_and_the_same(model):
    scoring.score(as_of=AS_OF)
    first = rows()
    scoring.score(as_of=AS_OF)
    assert rows() == first


def test_another_champion_replaces_the_rows_of_the_day(model):
    scoring.score(as_of=AS_OF)
    second = make_model("second")
    registry.promote(model=second, user=None, reason="")
    scoring.score(as_of=AS_OF)
    assert {row[5] for row in rows()} == {second.pk}


def test_parts_give_the_same_rows_as_the_whole(model, monkeypatch):
    scoring.score(as_of=AS_OF)
    whole = rows()
    monkeypatch.setattr(scoring, "ROWS_IN_PART", 7)
    parts = scoring.begin(AS_OF)
    assert len(parts) > 3
    for part in reversed(parts[1:]):
        scoring.score_part(AS_OF, part)
    scoring.publish(AS_OF)
    assert rows() == whole


def test_two_scorings_that_overlap_end_as_one(model):
    scoring.begin(AS_OF)
    parts = scoring.begin(AS_OF)
    scoring.score_part(AS_OF, parts[0])
    first = scoring.publish(AS_OF)
    scoring.score_part(AS_OF, parts[0])
    assert scoring.publish(AS_OF) == first
    assert len(rows()) == first.scored


def test_the_features_computed_again_while_a_day_is_scored_end_in_one_whole_day(model, monkeypatch):
    monkeypatch.setattr(scoring, "ROWS_IN_PART", 12)
    parts = scoring.begin(AS_OF)
    scoring.score_part(AS_OF, parts[0])
    newcomers_and_purchases()
    snapshots.ensure(as_of=AS_OF, again=True)
    assert scoring.score_part(AS_OF, parts[1]) == 0
    summary = scoring.publish(AS_OF)
    eligible = sorted(snapshots.read(as_of=AS_OF, eligible_only=True)["customer_pk"])
    assert summary.scored == len(eligible)
    assert sorted(Prediction.objects.values_list("customer", flat=True)) == eligible


def newcomers_and_purchases() -> None:
    """New customers that move the others' places in the file."""
    for number in range(5):
        customer = Customer.objects.create(customer_id=f"new {number}", registered_on=AS_OF - dt.timedelta(days=3))
        buy(customer, AS_OF - dt.timedelta(days=1))


def test_without_a_champion_scoring_is_refused_with_the_command_that_makes_one():
    with pytest.raises(CommandError, match="train_model"):
        call_command("score", "--as-of", AS_OF.isoformat())


def test_a_model_of_another_catalogue_is_refused(model):
    ModelVersion.objects.update(catalogue_version="another")
    with pytest.raises(Refused, match="another"):
        scoring.score(as_of=AS_OF)
    assert rows() == []


def test_scoring_goes_on_with_the_last_good_champion_and_says_so(model, data_dir):
    second = make_model("second")
    registry.promote(model=second, user=None, reason="")
    (data_dir / second.path / "scorer.json").write_text("{}")
    summary = scoring.score(as_of=AS_OF)
    assert summary.model_version == "first"
    assert (summary.notes[0]["code"], summary.notes[0]["model"]) == ("refused", "second")


def test_an_id_that_looks_like_a_formula_is_defused_in_csv_and_raw_in_parquet(model, tmp_path):
    scoring.score(as_of=AS_OF)
    attacked = Prediction.objects.order_by("pk").first().customer
    Customer.objects.filter(pk=attacked.pk).update(customer_id=' =HYPERLINK("x")')
    ids = {}
    for suffix in ("csv", "parquet"):
        path = tmp_path / f"scores.{suffix}"
        scoring.write_file(as_of=AS_OF, path=path)
        frame = pl.read_csv(path) if suffix == "csv" else pl.read_parquet(path)
        ids[suffix] = {one.removeprefix("'") for one in frame["customer_id"]}
        assert any(one.startswith("' =") for one in frame["customer_id"]) is (suffix == "csv")
    assert ids["csv"] == ids["parquet"] >= {' =HYPERLINK("x")'}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_file_has_the_four_columns_and_six_decimals(model, tmp_path, suffix, capsys):
    path = tmp_path / f"scores.{suffix}"
    call_command("score", "--as-of", AS_OF.isoformat(), "--out", str(path), "--json")
    assert json.loads(capsys.readouterr().out)["scored"] == len(rows())
    columns = ["customer_id", "probability", "risk_level", "model_version"]
    if suffix == "parquet":
        assert pl.read_parquet(path).columns == columns
    else:
        told = list(csv.DictReader(path.open()))
        assert list(told[0]) == columns
        stored = {p.customer.customer_id: f"{p.probability:.6f}" for p in Prediction.objects.select_related("customer")}
        assert {row["customer_id"]: row["probability"] for row in told} == stored


def test_outcomes_wait_for_the_label_and_late_events_correct_them(model):
    scoring.score(as_of=AS_OF)
    assert outcomes.close(today=AS_OF + dt.timedelta(days=6))["closed"] == 0
    closed = outcomes.close(today=AS_OF + dt.timedelta(days=7))
    assert closed["closed"] == len(rows())
    churned = Prediction.objects.filter(churned=True).first()
    buy(churned.customer, AS_OF + dt.timedelta(days=2))
    assert outcomes.close(today=AS_OF + dt.timedelta(days=9))["corrected"] == 1
    assert Prediction.objects.get(pk=churned.pk).churned is False
    quality = DailyQuality.objects.get()
    assert quality.n_churned == Prediction.objects.filter(churned=True).count()
    assert quality.metrics["n"] == quality.n_predictions == len(rows())
    assert 0 < quality.metrics["roc_auc"] <= 1


def test_a_day_of_one_class_has_no_auc_and_says_why(model):
    scoring.score(as_of=AS_OF)
    for prediction in Prediction.objects.select_related("customer"):
        buy(prediction.customer, AS_OF)
    outcomes.close(today=AS_OF + dt.timedelta(days=7))
    metrics = DailyQuality.objects.get().metrics
    assert metrics["roc_auc"] is None
    assert metrics["reason"] == {"code": "one_class"}
    assert metrics["base_rate"] == 0


def test_a_model_without_a_reference_has_no_drift(model):
    scoring.score(as_of=AS_OF)
    assert drift.measure(as_of=AS_OF)["measured"] == Drift.objects.count() == 0


def test_drift_asks_for_the_models_of_a_day_without_going_over_its_customers_one_by_one(model):
    scoring.score(as_of=AS_OF)
    sql = str(drift._models(AS_OF).query)
    assert list(drift._models(AS_OF)) == [model]
    assert "JOIN" not in sql
    assert "DISTINCT" not in sql
