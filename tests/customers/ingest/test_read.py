"""Files of every form, and those that are refused whole."""
# ruff: noqa: DTZ001 - times without a zone are what is tested.

import datetime as dt
import gzip
import zipfile

import openpyxl
import pytest

from customers.commands import Refused
from customers.ingest.read import Source
from customers.models import Customer, ImportFile, SetAsideRow
from tests.customers.ingest.files import csv_file, load

GOOD = b"customer_id,registered_on\nA,2020-01-01\nB,2020-01-02\n"


def rows(path, **options):
    return list(Source(path=path, name=path.name, **options).rows())


def test_lines_are_those_of_the_file_even_with_quoted_line_breaks(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'a,b\r\n"1\r\n1",2\r\n\r\n3,"4\n\n4"\r\n5,6')
    assert [line for line, _cells in rows(path)] == [1, 2, 5, 8]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD)
    assert rows(path)[0] == (1, ["customer_id", "registered_on"])


def test_gbk_is_read_when_told(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("customer_id,name\n1,张三\n".encode("gbk"))
    assert rows(path, encoding="gbk")[1] == (2, ["1", "张三"])


def test_excel_numbers_and_times_become_the_text_of_a_csv(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "text", "time", "number", "flag"])
    sheet.append([7007, "07007", dt.datetime(2017, 1, 2, 3, 4, 5), 12.5, True])
    sheet.append([])
    sheet.append(["x", None, dt.date(2017, 1, 2), 3.0, None])
    book.save(tmp_path / "x.xlsx")
    found = rows(tmp_path / "x.xlsx")
    assert found[1] == (2, ["7007", "07007", "2017-01-02 03:04:05", "12.5", "true"])
    assert found[2][0] == 4
    assert found[2][1][2][:10] == "2017-01-02"


def a_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("customers.csv", GOOD)


REFUSED = {
    "is empty": ("x.csv", b""),
    "no header": ("x.csv", b"A,2020-01-01\nB,2020-01-02\n"),
    "lacks the required column registered_on": ("x.csv", b"customer_id,name\nA,x\n"),
    "the column name more than once": ("x.csv", b"customer_id,registered_on,name,name\nA,2020-01-01,x,y\n"),
    "not in the encoding UTF-8": ("x.csv", "customer_id,registered_on,name\nA,2020-01-01,张三\n".encode("gbk")),
    "cut off in the middle of its last row": ("x.csv", GOOD + b"C"),
    "cut off in the middle": ("x.csv", GOOD + b'"C,2020-01-01\n'),
    "is damaged or cut off": ("x.csv.gz", gzip.compress(GOOD * 500)[:-20]),
    "is not gzip data": ("x.csv.gz", GOOD),
    "is gzip data": ("x.csv", gzip.compress(GOOD)),
    "is not an Excel workbook": ("x.xlsx", GOOD),
}


@pytest.mark.django_db
@pytest.mark.parametrize("sentence", REFUSED)
def test_a_file_that_is_not_what_it_says_is_refused_whole(tmp_path, sentence):
    name, content = REFUSED[sentence]
    (tmp_path / name).write_bytes(content)
    report = load(tmp_path / name, "customers")
    assert sentence in report.refused
    assert not Customer.objects.exists()
    assert not SetAsideRow.objects.exists()
    assert ImportFile.objects.get().state == ImportFile.State.REFUSED


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.csv.gz"])
def test_a_zip_is_refused_whatever_its_name(tmp_path, name):
    a_zip(tmp_path / name)
    assert load(tmp_path / name, "customers").refused


def test_an_unknown_encoding_is_refused(tmp_path):
    with pytest.raises(Refused, match="no encoding klingon"):
        rows(csv_file(tmp_path, "a,b"), encoding="klingon")


@pytest.mark.django_db
def test_ragged_rows_in_the_middle_are_set_aside_and_the_others_go_in(tmp_path):
    path = csv_file(tmp_path, "customer_id,registered_on", "A", "B,2020-01-01,x", "C,2020-01-01")
    report = load(path, "customers")
    assert (report.added, report.set_aside) == (1, 2)
    assert SetAsideRow.objects.get(line=3).raw == {"customer_id": "B", "registered_on": "2020-01-01", "(3)": "x"}


@pytest.mark.django_db
def test_extra_columns_are_ignored_and_named(tmp_path):
    report = load(csv_file(tmp_path, "customer_id,foo,registered_on", "A,1,2020-01-01"), "customers")
    assert report.ignored_columns == ("foo",)
    assert ImportFile.objects.get().ignored_columns == ["foo"]
