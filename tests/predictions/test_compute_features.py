"""The command compute_features and the file it writes."""

import csv
import json

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from polars.testing import assert_frame_equal

from predictions.features.catalogue import LABELS, NAMES
from tests.predictions.factories import store
from tests.predictions.features.plain import Shop
from tests.predictions.features.shops import AS_OF, computed, customer, purchase, random_shop

pytestmark = pytest.mark.django_db
HEADER = ["customer_id", *NAMES, "eligible", "churned"]


def _run(capsys, *args) -> dict:
    call_command("compute_features", "--as-of", str(AS_OF), "--json", *args)
    return json.loads(capsys.readouterr().out)


def test_the_document_names_the_snapshot(capsys):
    store(Shop(customers=[customer(1), customer(2)], transactions=[purchase(1, 1)]))
    found = _run(capsys)
    assert (found["as_of"], found["customers"], found["eligible"]) == ("2024-06-03", 2, 1)
    assert {"path", "catalogue_version", "sha256", "timings"} <= found.keys()


def test_a_csv_holds_every_digit_and_an_empty_cell_is_null(capsys, tmp_path):
    shop = random_shop(5, n_customers=12, n_events=300)
    store(shop)
    _run(capsys, "--out", str(tmp_path / "f.csv"))
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = computed(shop).sort("customer_id")
    assert [row["customer_id"] for row in rows] == expected["customer_id"].to_list()
    for row, features in zip(rows, expected.iter_rows(named=True), strict=True):
        assert list(row) == HEADER
        for name in NAMES:
            cell = None if row[name] == "" else row[name] if name in LABELS else float(row[name])
            assert cell == features[name], name


def test_a_parquet_file_holds_the_same_with_its_label(capsys, tmp_path):
    shop = random_shop(6)
    store(shop)
    _run(capsys, "--out", str(tmp_path / "f.parquet"))
    frame = pl.read_parquet(tmp_path / "f.parquet")
    assert frame.columns == HEADER
    assert frame["eligible"].is_in([0, 1]).all()
    assert frame["churned"].is_in([0, 1]).all()
    assert_frame_equal(frame.select(NAMES), computed(shop).sort("customer_id").select(NAMES), check_exact=True)


def test_churned_is_empty_while_its_days_are_not_over(capsys, tmp_path, settings):
    settings.BUSINESS_DATE = AS_OF
    store(Shop(customers=[customer(1)]))
    _run(capsys, "--out", str(tmp_path / "f.parquet"))
    assert pl.read_parquet(tmp_path / "f.parquet")["churned"].to_list() == [None]


def test_a_text_that_looks_like_a_formula_is_defused_in_csv(capsys, tmp_path):
    store(Shop(customers=[customer(1, region="=1+1")]))
    _run(capsys, "--out", str(tmp_path / "f.csv"))
    assert "'=1+1" in (tmp_path / "f.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["f.xlsx", "missing/f.csv", "f"])
def test_a_file_that_cannot_be_written_is_refused_in_one_sentence(name, tmp_path):
    with pytest.raises(CommandError, match=r"^The file [^\n]+\.$"):
        call_command("compute_features", "--as-of", str(AS_OF), "--out", str(tmp_path / name))


def test_twice_gives_the_same(capsys):
    store(random_shop(8))
    assert _run(capsys)["sha256"] == _run(capsys)["sha256"]
