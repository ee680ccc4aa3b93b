"""A file that a spreadsheet program opens runs nothing and changes nothing."""

import csv
import datetime as dt
from decimal import Decimal

import openpyxl
import polars as pl
import pytest

from customers import spreadsheet
from customers.commands import Refused
from customers.spreadsheet import Format, csv_lines, defused, write, write_frame

ATTACKS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"]


@pytest.mark.parametrize("text", ATTACKS)
def test_text_that_begins_like_a_formula_gets_a_quote_and_keeps_every_letter(text):
    assert defused(text) == "'" + text


def test_a_frame_is_written_by_the_same_rule(tmp_path):
    texts = [*ATTACKS, "plain", "a=b", None]
    columns = {"id": texts, "kind": pl.Series(texts, dtype=pl.Categorical), "n": [-1.5] * len(texts)}
    path = tmp_path / "x.csv"
    write_frame(path, pl.DataFrame(columns))
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["id", "kind", "n"]
    assert rows == [[defused(text or ""), defused(text or ""), "-1.5"] for text in texts]


@pytest.mark.parametrize("value", ["plain", "a=b", "", 12, -3.5, None])
def test_other_values_stay_as_they_are(value):
    assert defused(value) == value


def test_a_csv_is_utf8_with_a_mark():
    assert "".join(csv_lines(["客户"], [["=1", "a,b"]])) == '\ufeff客户\r\n\'=1,"a,b"\r\n'


def sheets(path):
    return [list(sheet.iter_rows()) for sheet in openpyxl.load_workbook(path).worksheets]


def written(tmp_path, rows, header=("a",)):
    path = tmp_path / "x.xlsx"
    assert write(path, Format.XLSX, header, rows) == len(rows)
    (found,) = sheets(path)
    return found[1:]


@pytest.mark.parametrize("text", [text for text in ATTACKS if not text.startswith("\r")])
def test_in_excel_too_such_text_has_a_quote_and_is_a_text(tmp_path, text):
    ((cell,),) = written(tmp_path, [[text]])
    assert (cell.data_type, cell.value) == ("s", "'" + text)


@pytest.mark.parametrize(
    "text",
    ["007", "1e5", "https://example.org", "12.50", "true", "2017-09-30", " spaces ", "line\nbreak", "茶", "{=1}"],
)
def test_in_excel_a_text_stays_the_text_that_it_is(tmp_path, text):
    ((cell,),) = written(tmp_path, [[text]])
    assert (cell.data_type, cell.value) == ("s", text)
    assert cell.hyperlink is None


def test_in_excel_numbers_and_dates_are_what_they_are(tmp_path, settings):
    moment = dt.datetime(2017, 9, 30, 22, tzinfo=dt.UTC)
    values = [12, -3.5, Decimal("-12.50"), True, dt.date(2017, 9, 30), moment, None, ""]
    (row,) = written(tmp_path, [values], header=range(8))
    local = dt.datetime(2017, 10, 1, 6)  # noqa: DTZ001 - a cell has no time zone; it is the business's
    assert [cell.value for cell in row] == [12, -3.5, -12.5, True, dt.datetime(2017, 9, 30), local, None, None]  # noqa: DTZ001


def test_a_number_that_excel_would_round_is_a_text(tmp_path):
    ((cell,),) = written(tmp_path, [[2**60]])
    assert cell.value == str(2**60)


def test_more_rows_than_a_sheet_holds_go_on_on_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "SHEET_ROWS", 2)
    path = tmp_path / "x.xlsx"
    assert write(path, Format.XLSX, ["n"], ([n] for n in range(5))) == 5
    assert [[cell.value for (cell,) in sheet] for sheet in sheets(path)] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


def test_an_empty_table_has_its_header(tmp_path):
    assert written(tmp_path, []) == []
    assert sheets(tmp_path / "x.xlsx")[0][0][0].value == "a"


def test_a_text_that_no_cell_holds_is_refused_rather_than_lost(tmp_path):
    with pytest.raises(Refused, match="in the column a is longer"):
        write(tmp_path / "x.xlsx", Format.XLSX, ["a"], [["x" * 32_768]])


def test_a_csv_file_has_the_same_cells(tmp_path):
    path = tmp_path / "x.csv"
    assert write(path, Format.CSV, ["a", "b"], [["=1", None], [float("nan"), Decimal("1.50")]]) == 2
    assert path.read_bytes().decode() == "\ufeffa,b\r\n'=1,\r\n,1.50\r\n"
