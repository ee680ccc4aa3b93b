"""`analyse_csv`: what it reads, what it refuses, what it prints; never the database."""

import json
import math
import os
import subprocess
import sys
from io import StringIO

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans

from customers.commands import Advance
from experiments.csv_table import text_columns
from experiments.management.commands.analyse_csv import Command

TRIAL = """arm,left,spend,before
none,1,10,5
none,1,20,9
none,0,30,14
none,0,25,12
mail,0,12,3
mail,1,22,8
mail,0,35,16
mail,0,41,18
"""


@pytest.fixture
def run(tmp_path):
    """What the command prints as JSON for a table given as text or bytes."""

    def run(table: str | bytes, *, group="arm", control="none", outcome="left", **options):
        path = tmp_path / "trial.csv"
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        out = StringIO()
        call_command(
            "analyse_csv", str(path), group=group, control=control, outcome=outcome, json=True, stdout=out, **options
        )
        (line,) = out.getvalue().splitlines()
        return json.loads(line, parse_constant=pytest.fail)

    return run


def refusal(run, table: str | bytes, **options) -> str:
    """The one sentence of a table that is refused, with exit code 1."""
    with pytest.raises(CommandError) as raised:
        run(table, **options)
    assert raised.value.returncode == 1
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    return sentence


def counts(document) -> dict[str, tuple[int, int]]:
    return {arm["name"]: (arm["n"], arm["events"]) for arm in document["arms"]}


def table(**arms: tuple[int, int]) -> str:
    """Arms of so many customers with so many 1s."""
    rows = [f"{name},{int(row < events)}" for name, (n, events) in arms.items() for row in range(n)]
    return "arm,left\n" + "\n".join(rows) + "\n"


def test_the_json_has_exactly_the_promised_keys(run):
    document = run(TRIAL, metric="spend", covariate="before")
    assert set(document) == {"arms", "comparisons", "srm", "verdict"}
    assert all(set(arm) == {"name", "n", "events", "rate", "rate_ci"} for arm in document["arms"])
    (found,) = document["comparisons"]
    assert set(found) - {"reason"} == {
        *("arm", "control", "difference", "difference_ci", "relative", "relative_ci", "p_value", "p_adjusted"),
        *("test", "number_needed_to_treat", "sequential", "bayes", "metric"),
    }
    assert set(found["sequential"]) - {"reason"} == {"p_value", "ci"}
    assert set(found["bayes"]) == {"probability_better", "expected_loss"}
    assert set(found["metric"]) == {"mean_control", "mean_arm", "difference", "ci", "p_value", "cuped"}
    assert set(found["metric"]["cuped"]) == {"difference", "ci", "p_value", "variance_saved"}
    assert set(document["srm"]) == {"p_value", "flag"}
    assert set(document["verdict"]) == {"code", "zh", "en"}


def test_amounts_and_cuped_are_those_of_the_rows(run):
    (found,) = run(TRIAL, metric="spend", covariate="before")["comparisons"]
    control, arm = np.array([10, 20, 30, 25.0]), np.array([12, 22, 35, 41.0])
    before = np.array([5, 9, 14, 12, 3, 8, 16, 18.0])
    metric, cuped = found["metric"], found["metric"]["cuped"]
    assert (metric["mean_control"], metric["mean_arm"]) == (21.25, 27.5)
    assert metric["p_value"] == pytest.approx(stats.ttest_ind(arm, control, equal_var=False).pvalue, rel=1e-9)
    both = np.r_[control, arm]
    theta = np.cov(both, before)[0, 1] / np.var(before, ddof=1)
    freed = both - theta * (before - before.mean())
    expected = stats.ttest_ind(freed[4:], freed[:4], equal_var=False)
    assert cuped["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert cuped["ci"] == pytest.approx(CompareMeans.from_data(freed[4:], freed[:4]).tconfint_diff(usevar="unequal"))


def test_metric_and_cuped_that_were_not_asked_for_are_null_without_a_reason(run):
    (without,) = run(table(none=(40, 20), mail=(40, 18)))["comparisons"]
    assert without["metric"] is None
    assert "reason" not in without
    (metric_only,) = run(TRIAL, metric="spend")["comparisons"]
    assert metric_only["metric"]["cuped"] is None
    assert "reason" not in metric_only["metric"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", ["", "end"])
def test_line_ends_and_a_byte_order_mark_change_nothing(run, ending, mark, last):
    text = TRIAL.rstrip("\n") + ("\n" if last else "")
    assert run(mark + text.replace("\n", ending).encode()) == run(TRIAL)


def test_the_order_of_the_lines_says_nothing(run):
    head, *rows = TRIAL.splitlines()
    options = {"metric": "spend", "covariate": "before"}
    assert run("\n".join([head, *rows[::-1]]), **options) == run(TRIAL, **options)


def test_quoted_cells_may_hold_commas_line_ends_and_quotes(run):
    text = 'note,"arm",left\n"a, b\nc ""d""","no, ""ne""",1\nx,mail,0\n"y\r\n",mail,"1"\n'
    assert counts(run(text, control='no, "ne"')) == {'no, "ne"': (1, 1), "mail": (2, 1)}


@pytest.mark.parametrize("note", ['5" pipe', '5" and 6"', '"a ""b"""'])
def test_a_quotation_mark_within_a_cell_is_a_letter_like_others(run, note):
    text = f"note,arm,left\n{note},none,1\nx,mail,0\n"
    assert counts(run(text)) == {"none": (1, 1), "mail": (1, 0)}


def test_labels_are_texts_compared_exactly_and_in_code_point_order(run):
    text = "arm,left\n0,1\n00,0\nNA,1\nNone,0\nnull,1\n 0,0\né,1\nz,1\nZ,0\n\U0001f600,1\n\uff21,0\n"
    assert list(counts(run(text, control="0"))) == [
        "0",
        " 0",
        "00",
        "NA",
        "None",
        "Z",
        "null",
        "z",
        "é",
        "\uff21",
        "\U0001f600",
    ]


def test_columns_are_named_exactly_and_others_do_not_matter(run):
    text = "x,x,Arm, arm,arm,left\nnot,a,number,,none,1\n,,,,mail,0\n"
    assert counts(run(text)) == {"none": (1, 1), "mail": (1, 0)}


def test_a_blank_outcome_counts_in_the_sample_ratio_alone(run):
    rows = "none,1,5\nnone,0,7\nmail,1,4\nmail,0,6\n"
    blank = "mail,,1000\nmail,  ,\n" * 10
    with_blank, without = (run("arm,left,spend\n" + text, metric="spend") for text in (rows + blank, rows))
    assert with_blank["arms"] == without["arms"]
    assert with_blank["comparisons"] == without["comparisons"]
    assert with_blank["srm"]["p_value"] == pytest.approx(stats.chisquare([2, 22]).pvalue)
    assert with_blank["srm"]["flag"]
    assert with_blank["verdict"]["code"] == "sample_ratio"


def test_a_blank_amount_is_left_out_of_the_metric_and_a_blank_covariate_of_cuped_alone(run):
    text = TRIAL + "mail,1,,7\nmail,0,50, \n"
    document = run(text, metric="spend", covariate="before")
    metric = document["comparisons"][0]["metric"]
    assert counts(document)["mail"] == (6, 2)
    assert metric["mean_arm"] == pytest.approx((12 + 22 + 35 + 41 + 50) / 5)
    assert metric["cuped"] == run(TRIAL, metric="spend", covariate="before")["comparisons"][0]["metric"]["cuped"]


def test_shares_are_the_control_s_then_the_others_in_code_point_order(run):
    text = table(zero=(100, 30), b=(300, 90), a=(600, 180))
    expected = stats.chisquare([100, 600, 300], [100, 500, 400]).pvalue
    assert run(text, control="zero", shares=[1, 5, 4])["srm"]["p_value"] == pytest.approx(expected)
    assert run(text, control="zero", shares=[0.1, 0.6, 0.3])["srm"]["p_value"] == pytest.approx(1)


@pytest.mark.parametrize("cell", ["1", "-1.5", "+2.", ".5", "1e3", "1E-3", " 7 ", "007"])
def test_numbers_are_read_as_every_program_reads_them(run, cell):
    text = f'arm,left,spend\nnone,1,1\nmail,0,"{cell}"\n'
    assert run(text, metric="spend")["comparisons"][0]["metric"]["mean_arm"] == float(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "n/a",
        "NA",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1,000",
        "1_000",
        "0x10",
        "1e999",
        "1e200",
        "1e-200",
        "¥5",
        "٣",
        "--1",
        ".",
    ],
)
@pytest.mark.parametrize("role", ["metric", "covariate"])
def test_what_is_no_number_to_reckon_with_is_refused_by_its_place(run, cell, role):
    cells = {"metric": "3", "covariate": "4"} | {role: cell}
    text = f'arm,left,m,c\nnone,1,1,1\nmail,,"{cells["metric"]}","{cells["covariate"]}"\n'
    sentence = refusal(run, text, metric="m", covariate="c")
    assert cell in sentence
    assert "row 2" in sentence


@pytest.mark.parametrize("cell", ["2", "-1", "yes", "true", "1.0", "01", "NA", "nan"])
def test_an_outcome_other_than_0_1_or_blank_is_refused(run, cell):
    assert f"“{cell}” in row 2" in refusal(run, f"arm,left\nnone,1\nmail,{cell}\n")


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (TRIAL, {"group": "Arm"}, "no column “Arm”"),
        (TRIAL, {"outcome": "churned"}, "no column “churned”"),
        (TRIAL, {"metric": "money"}, "no column “money”"),
        (TRIAL, {"metric": "spend", "covariate": "age"}, "no column “age”"),
        (TRIAL, {"control": "None"}, "the control's label “None”"),
        (TRIAL, {"control": " none"}, "the control's label “ none”"),
        (TRIAL, {"shares": [1.0]}, "1 shares are given for 2 arms"),
        (TRIAL, {"shares": [1.0, 1.0, 1.0]}, "3 shares are given for 2 arms"),
        ("arm,left\nnone,1\n", {}, "no arm beside the control"),
        ("arm,left\n", {}, "the control's label “none”"),
        ("arm,left", {}, "the control's label “none”"),
        ("arm,left\nnone,1\n,0\n", {}, "is blank in row 2"),
        ('arm,left\nnone,1\n"  ",0\n', {}, "is blank in row 2"),
        ("arm,left,arm\nnone,1,a\nmail,0,b\n", {}, "more than once"),
        ("", {}, "is empty"),
        ("\n\n", {}, "is empty"),
        ("arm,left\nnone,1\nmail\n", {}, "Row 2 of"),
        ("arm,left\nnone,1\nmail,0,5\n", {}, "has 3 cells where its header has 2"),
        ('arm,left\nnone,1\n"mail,0\n', {}, "not closed"),
        ("arm,left\nnone,1\nmailé,0\n".encode("latin-1"), {}, "not UTF-8"),
        ("arm,left\nnone,1\nmail,0\n".encode("utf-16"), {}, "not UTF-8"),
        ("arm,left\n" + "".join(f"{n},1\n" for n in range(1001)), {"control": "0"}, "has 1001 labels"),
    ],
)
def test_a_table_that_cannot_be_analysed_is_refused_in_one_sentence(run, text, options, words):
    assert words in refusal(run, text, **options)


def test_a_file_that_is_not_there_is_refused(tmp_path, capsys):
    arguments = ["--group", "a", "--control", "b", "--outcome", "c"]
    for path in (tmp_path / "none.csv", tmp_path):
        assert exit_code([str(path), *arguments]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert str(path) in printed.err


@pytest.mark.parametrize(
    "options",
    [
        ["--covariate", "before"],
        ["--metric", "arm"],
        ["--outcome", "arm"],
        ["--shares", "1,x"],
        ["--shares", "1,0"],
        ["--shares", "1,nan"],
        ["--shares", ""],
        ["--unknown"],
    ],
)
def test_wrong_usage_ends_with_2_and_prints_no_json(tmp_path, capsys, options):
    (tmp_path / "trial.csv").write_text(TRIAL)
    arguments = [str(tmp_path / "trial.csv"), "--group", "arm", "--control", "none", "--outcome", "left", "--json"]
    assert exit_code([*arguments, *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err


def exit_code(arguments: list[str]) -> int | str | None:
    with pytest.raises(SystemExit) as raised:
        Command().run_from_argv(["manage.py", "analyse_csv", *arguments])
    return raised.value.code


def test_the_e_mail_experiment_of_hillstrom_gives_its_known_figures(run):
    """Visits per arm of the MineThatData E-Mail Challenge (Kevin Hillstrom 2008)."""
    text = table(none=(21306, 2262), mens=(21307, 3894), womens=(21387, 3238))
    mens, womens = run(text, outcome_good=True)["comparisons"]
    assert [round(100 * figure, 2) for figure in (mens["difference"], *mens["difference_ci"])] == [7.66, 7.0, 8.32]
    assert [round(100 * figure, 2) for figure in (womens["difference"], *womens["difference_ci"])] == [4.52, 3.89, 5.16]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_people_are_told_in_their_language(tmp_path, settings, monkeypatch, language):
    settings.LANGUAGE_CODE = language
    monkeypatch.setenv("LANGUAGE_CODE", language)
    (tmp_path / "trial.csv").write_text(TRIAL)
    out, options = StringIO(), {"group": "arm", "control": "none", "outcome": "left", "metric": "spend"}
    call_command("analyse_csv", str(tmp_path / "trial.csv"), stdout=out, **options)
    told = out.getvalue()
    assert all(figure in told for figure in ("mail", "50.00%", "fisher"))
    sentence, reason = {
        "en": ("No conclusion yet on “mail”", "too few for the normal approximation"),
        "zh-hans": ("“mail”尚无结论", "正态近似不成立"),
    }[language]
    assert sentence in told
    assert reason in told


def test_labels_with_brackets_are_shown_as_they_are(tmp_path):
    (tmp_path / "trial.csv").write_text(TRIAL.replace("mail", "[bold]mail[/]"))
    out = StringIO()
    call_command("analyse_csv", str(tmp_path / "trial.csv"), group="arm", control="none", outcome="left", stdout=out)
    assert out.getvalue().count("[bold]mail[/]") >= 4


def test_a_refusal_tells_the_row_although_cells_hold_line_ends(tmp_path):
    (tmp_path / "trial.csv").write_text('note,arm,left\n"a\nb",none,1\n"c\nd",mail,7\n')
    with pytest.raises(CommandError, match="row 2"):
        call_command("analyse_csv", str(tmp_path / "trial.csv"), group="arm", control="none", outcome="left")


def test_a_column_may_be_asked_for_twice(tmp_path):
    (tmp_path / "trial.csv").write_text(TRIAL)
    frame = text_columns(path=tmp_path / "trial.csv", names=["left", "spend", "left"])
    assert frame.columns == ["left", "spend"]
    assert frame.row(0) == ("1", "10")


def test_large_amounts_that_vary_little_keep_their_spread(run):
    small, large = (
        "arm,left,spend\n" + "".join(f"{arm},1,{base + value}\n" for arm, values in VALUES.items() for value in values)
        for base in (0, 1_000_000_000)
    )
    near, far = (run(text, metric="spend")["comparisons"][0]["metric"] for text in (small, large))
    assert far["p_value"] == pytest.approx(near["p_value"], rel=1e-6)
    assert far["ci"] == pytest.approx(near["ci"], rel=1e-6)


VALUES = {"none": (0.25, 0.5, 0.75, 0.125), "mail": (0.5, 0.625, 1.0, 0.875)}


def test_it_returns_what_it_prints(tmp_path):
    (tmp_path / "trial.csv").write_text(TRIAL)
    options = dict.fromkeys(("metric", "covariate", "shares"), None) | {"outcome_good": False}
    columns = {"group": "arm", "control": "none", "outcome": "left"}
    result = Command().run(advance=Advance(), file=tmp_path / "trial.csv", **columns, **options)
    assert math.isclose(result["arms"][0]["rate"], 0.5)


def test_it_starts_without_pages_models_or_a_database(tmp_path):
    (tmp_path / "trial.csv").write_text(TRIAL)
    arguments = [
        "analyse_csv",
        str(tmp_path / "trial.csv"),
        "--group=arm",
        "--control=none",
        "--outcome=left",
        "--json",
    ]
    code = f"""
import sys, manage
sys.argv = ["manage.py", *{arguments!r}]
manage.main()
print([name for name in ("sklearn", "lightgbm", "matplotlib", "sqlite3") if name in sys.modules], file=sys.stderr)
"""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "DEBUG": "1", "DATA_DIR": str(tmp_path / "var")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | nowhere, capture_output=True, text=True, cwd=settings.BASE_DIR
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["arms"][0]["n"] == 4
    assert done.stderr.splitlines()[-1] == "[]"
