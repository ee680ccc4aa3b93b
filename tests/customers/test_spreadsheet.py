"""A download that a spreadsheet program opens runs nothing."""

import pytest

from customers.spreadsheet import csv_response, defused


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"])
def test_text_that_begins_like_a_formula_gets_a_quote_and_keeps_every_letter(text):
    assert defused(text) == "'" + text


@pytest.mark.parametrize("value", ["plain", "a=b", "", 12, -3.5, None])
def test_other_values_stay_as_they_are(value):
    assert defused(value) == value


def test_a_download_is_utf8_with_a_mark_and_a_name():
    response = csv_response(name="x.csv", header=["客户"], rows=[["=1", "a,b"]])
    assert b"".join(response.streaming_content).decode() == '\ufeff客户\r\n\'=1,"a,b"\r\n'
    assert response["Content-Disposition"] == 'attachment; filename="x.csv"'
