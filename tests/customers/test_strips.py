"""Strips: a value beside its past and its peers."""

from xml.etree import ElementTree

import pytest

from customers import charts


def drawn(**given):
    values = {"now": 5.0, "past": [4.0, None, 1.0], "quartiles": [2.0, 3.0, 6.0], "title": "A & b", "shown": str}
    return charts.strip(**values | given)


def circles(svg: str) -> list[float]:
    root = ElementTree.fromstring(svg)
    return [float(one.get("cx")) for one in root.iter("circle")]


def test_now_and_each_known_past_value_are_points_at_their_places_on_the_axis():
    oldest, recent, now = circles(drawn())
    assert (oldest, now) == (8.0, pytest.approx(8 + 192 * 4 / 5, abs=0.1))
    assert oldest < recent < now


def test_the_axis_has_the_numbers_of_its_ends():
    root = ElementTree.fromstring(drawn())
    assert [one.text for one in root.iter("text")] == ["1.0", "6.0"]


def test_what_it_shows_is_said_in_words_too():
    assert ElementTree.fromstring(drawn()).get("aria-label") == "A & b"


def test_a_single_value_stands_in_the_middle():
    svg = drawn(past=[], quartiles=None)
    assert circles(svg) == [104.0]
    assert [one.text for one in ElementTree.fromstring(svg).iter("text")] == ["5.0"]


def test_without_any_value_there_is_nothing_to_draw():
    assert drawn(now=None, past=[None], quartiles=[None, None, None]) == ""


def test_a_value_that_is_missing_now_leaves_the_past_and_the_peers():
    assert len(circles(drawn(now=None))) == 2
    assert "rect" in drawn(now=None)
