"""Texts as values, and the checks that they break."""
# ruff: noqa: DTZ001 - times without a zone are what is tested.

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.ingest.values import Amount, Date, Integer, Moment, Now, Text, broken_cells, moments

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = Now(instant=dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC), zone=SHANGHAI)


def broken(value, *texts):
    _values, found = value.read(pl.Series(texts, dtype=pl.String), now=NOW)
    return [code for _row, code, _params in broken_cells(found)]


def moment(text, zone=SHANGHAI):
    return moments(pl.Series([text], dtype=pl.String), zone=zone)[0]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2017-01-02", "2017-01-01 16:00"),
        ("2017-01-02 10:30", "2017-01-02 02:30"),
        ("2017-01-02T10:30:05", "2017-01-02 02:30:05"),
        ("2017-01-02T10:30:05.25Z", "2017-01-02 10:30:05.25"),
        ("2017-01-02 10:30:05.123456-05:30", "2017-01-02 16:00:05.123456"),
    ],
)
def test_iso_times_of_every_form_are_read(text, utc):
    assert moment(text) == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    ["", "x", "2017-13-01", "2017-02-30", "02/01/2017", "2017-01-02T25:00", "2017-01-02 10:30:60", "2017-01-02 10",
     "2017-01-02T10:30:05.1234567", "2017-01-02T10:30+0800", "2017-01-02T10:30+99:00", "2017-01-02Z", "２０１７-01-02"],
)  # fmt: skip
def test_other_times_are_none(text):
    assert moment(text) is None


def test_a_local_time_that_the_clock_shows_twice_is_the_first():
    assert moment("2017-10-29 02:30", ZoneInfo("Europe/Berlin")) == dt.datetime(2017, 10, 29, 0, 30, tzinfo=dt.UTC)


def test_a_local_time_that_the_clock_skips_is_read_with_the_offset_before_the_jump():
    assert moment("2017-03-26 02:30", ZoneInfo("Europe/Berlin")) == dt.datetime(2017, 3, 26, 1, 30, tzinfo=dt.UTC)


@given(
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2037, 1, 1)),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
)
def test_a_written_local_time_reads_as_python_reads_it(local, zone):
    expected = local.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
    assert moment(local.isoformat(sep=" "), ZoneInfo(zone)) == expected


def test_events_more_than_a_day_after_the_real_clock_are_broken():
    assert broken(Moment(), "2024-05-02T12:00:00Z", "2024-05-02T12:00:01Z") == ["future"]


def test_dates_of_what_has_happened_lie_at_most_a_day_ahead():
    assert broken(Date(), "2024-05-02", "2024-05-03") == ["future"]


def test_dates_of_what_is_planned_may_lie_ahead():
    assert broken(Date(may_be_future=True), "2030-01-01") == []


def test_times_before_1900_are_broken():
    assert broken(Moment(), "1899-12-31") == broken(Date(), "0001-01-01") == ["too_early"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("0", "not_positive"), ("-1", "not_positive"), ("0.00", "not_positive"), ("1.001", "too_precise"),
     ("1e3", "not_amount"), ("1,000", "not_amount"), ("NaN", "not_amount"), ("inf", "not_amount"),
     ("1000000000000.01", "too_large"), ("9" * 60, "too_large"), ("１", "not_amount")],
)  # fmt: skip
def test_amounts_that_break_a_rule_say_which(text, code):
    assert broken(Amount(), text) == [code]


def test_amounts_within_the_rules_are_taken():
    assert broken(Amount(), "0.01", "5", "12.5", "12.500", "1000000000000", "0001.00") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("1.5", "not_integer"), ("x", "not_integer"), ("-1", "too_small"), ("6", "too_large"), ("9" * 30, "too_large"),
     ("-" + "9" * 30, "too_small")],
)  # fmt: skip
def test_integers_out_of_range_say_how(text, code):
    assert broken(Integer(least=0, most=5), text) == [code]


def test_a_spreadsheets_whole_number_with_a_point_is_whole():
    values, found = Integer().read(pl.Series(["3.0"]), now=NOW)
    assert (values[0], list(broken_cells(found))) == (3, [])


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_broken(character):
    assert broken(Text(most=9), f"a{character}b") == ["control"]


def test_a_line_break_is_allowed_in_a_text_but_not_in_an_id():
    assert broken(Text(most=9), "a\nb") == []
    assert broken(Text(most=9, is_id=True), "a\nb") == ["control"]


def test_a_text_has_a_longest_length_in_characters():
    assert broken(Text(most=3), "三个字", "四个字了") == ["too_long"]
