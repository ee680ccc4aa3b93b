"""Excel sheets: what their cells become, and that no file takes more memory than it may."""

import datetime as dt
import struct
import zipfile

import openpyxl
import pytest

from customers.commands import Refused
from customers.ingest import sheet
from customers.ingest.read import Source
from customers.models import ImportFile
from tests.customers.ingest.files import load, workbook

GOOD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>customer_id</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>registered_on</t></is></c></row>'
    '<row r="2"><c r="A2"><v>7007</v></c><c r="B2" t="inlineStr"><is><t>2020-01-01</t></is></c></row>'
)
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
UNPLACED = "<row>" + "<c><v>1</v></c>" * 300 + "</row>"


def cells(path):
    return list(Source(path=path, name=path.name).rows())


def saved(path, *rows, first_row=1):
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, start=first_row):
        for column, value in enumerate(row, start=1):
            book.active.cell(number, column, value)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (7007, "7007"),
        (7007.0, "7007"),
        ("07007", "07007"),
        (123456789012345, "123456789012345"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (dt.datetime(2017, 1, 2), "2017-01-02"),  # noqa: DTZ001 - a sheet knows no zones
        (dt.date(2017, 1, 2), "2017-01-02"),
        (dt.datetime(2017, 1, 2, 23, 59, 59), "2017-01-02 23:59:59"),  # noqa: DTZ001
        (True, "true"),
        ("张三 ", "张三 "),
    ],
)
def test_a_cell_becomes_the_text_that_a_csv_would_have(tmp_path, cell, text):
    assert cells(saved(tmp_path / "x.xlsx", ["head"], [cell]))[1] == (2, [text])


def test_lines_are_those_of_the_sheet_also_below_empty_ones(tmp_path):
    path = saved(tmp_path / "x.xlsx", ["head"], [None], ["a"], first_row=3)
    assert cells(path) == [(3, ["head"]), (5, ["a"])]


def test_the_first_sheet_is_the_first_in_the_book_whatever_its_part_is_called(tmp_path):
    path = workbook(tmp_path / "x.xlsx", GOOD, second=FAR)
    assert cells(path)[1] == (2, ["7007", "2020-01-01"])


@pytest.mark.django_db
def test_a_far_cell_inside_a_near_row_counts_by_its_own_place(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_CELLS", 1000)
    with pytest.raises(sheet.TooLargeError):
        sheet.measure(workbook(tmp_path / "x.xlsx", GOOD.replace("B2", "XFD9")))


@pytest.mark.django_db
def test_a_sheet_with_more_cells_than_fit_is_refused_with_one_sentence(tmp_path):
    report = load(workbook(tmp_path / "x.xlsx", GOOD + FAR), "customers")
    assert report.refused == "x.xlsx is too large for a workbook; save it as CSV."
    assert ImportFile.objects.get().state == ImportFile.State.REFUSED


def test_cells_that_do_not_say_where_they_are_count_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_CELLS", 899)
    with pytest.raises(sheet.TooLargeError):
        sheet.measure(workbook(tmp_path / "x.xlsx", UNPLACED * 3))
    monkeypatch.setattr(sheet, "MOST_CELLS", 900)
    sheet.measure(workbook(tmp_path / "x.xlsx", UNPLACED * 3))


def test_a_workbook_that_unpacks_to_more_than_it_may_is_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "x.xlsx", GOOD, second=" " * 3_000_000)
    assert path.stat().st_size < 10_000
    cells(path)
    monkeypatch.setattr(sheet, "MOST_BYTES", 2_000_000)
    with pytest.raises(Refused, match="save it as CSV"):
        cells(path)


def test_a_part_that_says_it_is_small_is_measured_all_the_same(tmp_path, monkeypatch):
    path = workbook(tmp_path / "x.xlsx", GOOD, second=" " * 3_000_000)
    content = bytearray(path.read_bytes())
    true = struct.pack("<L", next(p.file_size for p in zipfile.ZipFile(path).infolist() if p.file_size > 10**6))
    assert true in content
    path.write_bytes(content.replace(true, struct.pack("<L", 100)))
    monkeypatch.setattr(sheet, "MOST_BYTES", 2_000_000)
    with pytest.raises(sheet.TooLargeError):
        sheet.measure(path)


def test_a_workbook_with_entities_is_refused(tmp_path):
    head = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with pytest.raises(Refused, match="damaged Excel workbook"):
        cells(workbook(tmp_path / "x.xlsx", GOOD, head=head))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_workbook_that_is_cut_off_is_refused(tmp_path, keep):
    path = saved(tmp_path / "x.xlsx", ["head"], ["a"])
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(Refused, match="Excel workbook"):
        cells(path)
