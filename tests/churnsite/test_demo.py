"""The demo, on a cut of the sample so small that the rule scores, which is quick."""

import csv
import datetime as dt
import gzip
import json
import zlib
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from churnsite import company, sample
from churnsite.management.commands.demo import Command, rivals_table
from churnsite.sample import FOLDER, Shop
from customers.boundary import in_force
from customers.commands import Advance
from customers.models import Customer, ImportFile, Run, Transaction
from experiments.models import Experiment
from healthscore.models import HealthScore
from predictions.models import ModelVersion, Prediction

CUT = Shop(today=dt.date(2017, 4, 2), first_training=dt.date(2017, 3, 19), has_company=False)


def cut(folder: Path) -> None:
    """One household in 30, and what it bought before the cut's today."""
    for kind, is_kept in (
        ("customers", lambda row: row["registered_on"] < str(CUT.today)),
        ("transactions", lambda row: row["occurred_at"] < str(CUT.today)),
    ):
        with gzip.open(FOLDER / f"{kind}.csv.gz", "rt") as source, gzip.open(folder / f"{kind}.csv.gz", "wt") as target:
            rows = csv.DictReader(source)
            writer = csv.DictWriter(target, rows.fieldnames)
            writer.writeheader()
            writer.writerows(row for row in rows if is_kept(row) and zlib.crc32(row["customer_id"].encode()) % 30 == 0)


@pytest.fixture
def small_shop(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("sample")
    cut(folder)
    shop = replace(CUT, folder=folder)
    monkeypatch.setattr(Command, "shop", shop)
    return shop


def demo(capsys, *arguments):
    call_command("demo", *arguments)
    return capsys.readouterr().out


@pytest.fixture
def played(db, small_shop, capsys):
    return json.loads(demo(capsys, "--json"))


def test_from_empty_tables_to_the_ten_customers_most_at_risk_twice_the_same(played, capsys, data_dir):
    assert played["run"] == "done"
    assert played["data"]["customers"] == Customer.objects.count()
    assert len(played["at_risk"]) == 10
    chances = [float(row["probability"]) for row in played["at_risk"]]
    assert chances == sorted(chances, reverse=True)
    assert all(row["reasons"] for row in played["at_risk"])
    assert Path(played["reports"]["data"]).is_file()
    assert Path(played["reports"]["training"]).is_file()

    n_runs, n_models = Run.objects.count(), ModelVersion.objects.count()
    assert json.loads(demo(capsys, "--json")) == played
    assert (Run.objects.count(), ModelVersion.objects.count()) == (n_runs, n_models)

    table = demo(capsys)
    assert "The ten customers most at risk on 2017-04-02" in table
    assert played["at_risk"][0]["customer_id"] in table


def test_it_plays_each_week_from_the_first_training_to_today_and_knows_the_outcomes(played):
    days = [dt.date(2017, 3, 19), dt.date(2017, 3, 26), dt.date(2017, 4, 2)]
    assert list(Run.objects.order_by("as_of").values_list("as_of", flat=True)) == days
    assert [week["as_of"] for week in played["forward"]] == ["2017-03-19", "2017-03-26"]
    assert not Prediction.objects.filter(as_of__lt=days[-1], churned=None).exists()


def test_no_model_was_trained_after_the_date_that_it_scored(played):
    for prediction in Prediction.objects.select_related("model"):
        assert prediction.model.as_of <= prediction.as_of


def test_it_ends_with_a_finished_experiment_that_holds_nobody_back_today(played):
    experiment = Experiment.objects.get()
    assert (experiment.state, experiment.finalised_at is None) == ("completed", False)
    assert played["experiment"]["enrolled"] == experiment.assignments.count() > 0
    assert not in_force(on=CUT.today).exists()


def test_the_sample_company_is_loaded_and_scored_beside_the_shop(db):
    company.load(advance=Advance())
    company.score(since=company.first_score(sample.TODAY), as_of=sample.TODAY, advance=Advance())
    accounts = company.accounts_to_call(as_of=sample.TODAY)
    assert [account["score"] for account in accounts] == sorted(account["score"] for account in accounts)
    assert all(account["customer_id"].startswith(company.PREFIX) and account["next"] for account in accounts)
    assert HealthScore.objects.filter(as_of=sample.TODAY).exclude(forecast_30d=None).count() == 30

    n_scores, n_files = HealthScore.objects.count(), ImportFile.objects.count()
    company.load(advance=Advance())
    company.score(since=company.first_score(sample.TODAY), as_of=sample.TODAY, advance=Advance())
    assert (HealthScore.objects.count(), ImportFile.objects.count()) == (n_scores, n_files)


def test_it_leaves_a_database_with_other_customers_alone(db, small_shop):
    Customer.objects.create(customer_id="somebody else", registered_on=dt.date(2020, 1, 1))
    with pytest.raises(CommandError, match="somebody else"):
        call_command("demo")
    assert Customer.objects.count() == 1
    assert not Transaction.objects.exists()


def test_the_pinned_date_is_written_beside_the_sqlite_database_only(monkeypatch, data_dir):
    monkeypatch.setattr(sample, "is_sqlite", lambda: True)
    path = sample.pin_today(CUT.today)
    assert path == data_dir / "demo.env"
    assert "BUSINESS_DATE=2017-04-02" in path.read_text()
    monkeypatch.setattr(sample, "is_sqlite", lambda: False)
    assert sample.pin_today(CUT.today) is None


def test_the_model_stands_first_and_its_rivals_after_it_from_the_best_to_the_worst():
    cells = {name: {"roc_auc": {"value": value}} for name, value in (("a", 0.7), ("b", 0.8), ("model", 0.75))}
    table = rivals_table({"kind": "model", "measures": {name: defaultdict(dict, cell) for name, cell in cells.items()}})
    assert list(table.columns[0].cells) == ["model", "b", "a"]
    assert list(table.columns[1].cells) == ["0.750", "0.800", "0.700"]


def test_the_shipped_sample_ends_the_day_before_its_today():
    with gzip.open(FOLDER / "transactions.csv.gz", "rt") as source:
        last = max(row["occurred_at"][:10] for row in csv.DictReader(source))
    assert dt.date.fromisoformat(last) == sample.TODAY - dt.timedelta(days=1)
