"""A table from elsewhere: what is learned of it, its page in both languages, and what is refused."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django.utils.html import escape

from experiments import uplift_table
from experiments.uplift_table import Columns

FEATURES = ("age", "region")


def table(path: Path, *, n: int = 1_500, cells: dict[str, object] | None = None) -> Path:
    """A mail that brings the young to the shop and nobody to spend; of three groups, the third is not asked about."""
    random = np.random.default_rng(1)
    age, group = random.integers(18, 80, n), random.choice(["mail", "none", "call"], n)
    comes = random.random(n) < 0.3 + 0.5 * ((age < 50) & (group == "mail"))
    columns = {
        "who": [f"K{number}" for number in range(n)],
        "group": group,
        "age": age.astype(str),
        "region": random.choice(["north", "south", ""], n),
        "came": comes.astype(int).astype(str),
        "spent": random.gamma(2, 10, n).round(2).astype(str),
    }
    frame = pl.DataFrame({name: list(values) for name, values in columns.items()})
    for name, cell in (cells or {}).items():
        frame = frame.with_columns(pl.when(pl.int_range(pl.len()) == 3).then(pl.lit(cell)).otherwise(name).alias(name))
    frame.write_csv(path)
    return path


def run(path: Path, capsys, **options):
    given = {"group": "group", "control": "none", "arm": "mail", "outcome": "came", "outcome_good": True}
    given |= {"features": ",".join(FEATURES), "customer": "who"}
    call_command("uplift_csv", str(path), **given | options, json=True)
    return json.loads(capsys.readouterr().out)


def test_one_outcome_has_a_signal_and_the_other_has_none_and_both_are_said(tmp_path, capsys):
    out = tmp_path / "page.html"
    result = run(table(tmp_path / "a.csv"), capsys, metric="spent", out=out)
    came, spent = result["questions"]
    assert (came["name"], came["code"], next(iter(came["importance"]))) == ("came", "signal", "age")
    assert (spent["name"], spent["code"]) == ("spent", "no_signal")
    page = out.read_text()
    assert came["sentence"].startswith("Whom it helps can be told beforehand")
    assert all(escape(one["sentence"]) in page for one in (came, spent))


def test_the_page_needs_nothing_else_and_is_in_the_readers_language(tmp_path, capsys, settings, monkeypatch):
    settings.LANGUAGE_CODE = "zh-hans"
    monkeypatch.setenv("LANGUAGE_CODE", "zh-hans")
    run(table(tmp_path / "a.csv"), capsys, out=tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert '<html lang="zh-hans">' in page
    assert page.count("<svg") == 5
    assert not _Sources.of(page)


class _Sources(HTMLParser):
    """Whatever a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        self.found += [tag] if tag in ("script", "link", "img") else []
        self.found += [value for value in here if not value.startswith("#")]

    @classmethod
    def of(cls, page: str) -> list[str]:
        parser = cls()
        parser.feed(page)
        return parser.found


def test_a_one_is_bad_unless_it_is_said_to_be_good(tmp_path, capsys):
    path = table(tmp_path / "a.csv")
    good, bad = (run(path, capsys, outcome_good=is_good)["questions"][0] for is_good in (True, False))
    assert good["effect"]["value"] == pytest.approx(-bad["effect"]["value"], abs=0.02)


def test_numbers_are_numbers_labels_are_labels_and_blanks_are_missing(tmp_path):
    columns = Columns(group="group", outcome="came", features=FEATURES)
    found = uplift_table.read(path=table(tmp_path / "a.csv"), columns=columns, control="none", arm="mail")
    assert found.encoding.categories == {"region": ("north", "south")}
    assert np.isnan(found.trials["came"].matrix[:, 1]).mean() == pytest.approx(1 / 3, abs=0.05)
    assert found.trials["came"].propensity == pytest.approx(0.5, abs=0.05)


def test_a_line_without_an_outcome_is_left_out_of_that_question_alone(tmp_path):
    columns = Columns(group="group", outcome="came", metric="spent", features=FEATURES)
    path = table(tmp_path / "a.csv", cells={"came": "", "group": "mail"})
    trials = uplift_table.read(path=path, columns=columns, control="none", arm="mail").trials
    assert len(trials["spent"]) - len(trials["came"]) == 1


def test_too_few_lines_are_said_to_be_too_few(tmp_path, capsys):
    (only,) = run(table(tmp_path / "a.csv", n=120), capsys)["questions"]
    assert only["code"] == "too_few"
    assert "20 are needed" in only["sentence"]


@pytest.mark.parametrize(
    ("changed", "cells", "sentence"),
    [
        ({"group": "arm"}, {}, "no column “arm”"),
        ({"features": "age,height"}, {}, "no column “height”"),
        ({"control": "nobody"}, {}, "No line has the label “nobody” in the column “group”"),
        ({"arm": "none"}, {}, "The arm and the control are the same group “none”"),
        ({}, {"came": "2", "group": "mail"}, "The outcome “2” in row 4"),
        ({"metric": "spent"}, {"spent": "n/a", "group": "mail"}, "“n/a” in row 4"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(tmp_path, capsys, changed, cells, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        run(table(tmp_path / "a.csv", n=30, cells=cells), capsys, **changed)
    assert refused.value.returncode == 1


def test_the_outcome_cannot_be_a_feature(tmp_path, capsys):
    with pytest.raises(CommandError, match="cannot name “came” as well") as refused:
        run(table(tmp_path / "a.csv", n=30), capsys, features="age,came")
    assert refused.value.returncode == 2
