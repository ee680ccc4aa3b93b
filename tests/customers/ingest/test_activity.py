"""Activity has no id: rows alike are separate, and the n-th of them in a file sent again is the same one."""

import datetime as dt

import pytest

from customers.ingest import load_rows, prepare, quarantine
from customers.models import Activity, SetAsideRow
from tests.customers.ingest.files import counts, csv_file, customers, load, reasons

pytestmark = pytest.mark.django_db

HEADER = "customer_id,date,activity_type,activity_value,user_count,session_duration,feature_name,usage_depth"
LOGIN = "A,2020-01-01,login,,,,,"
AHEAD = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date().isoformat()


def send(folder, *lines, name="activity.csv", header=HEADER):
    return counts(load(csv_file(folder, header, *lines, name=name), "activity"))


def test_a_row_is_stored_exactly(tmp_path):
    customers("A")
    send(tmp_path, "A,2020-01-01 08:00,feature_use,-1.5,3,12.25,Dashboards,0.50")
    found = Activity.objects.get()
    assert (found.customer.customer_id, found.date) == ("A", dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert (found.activity_type, found.feature_name) == ("feature_use", "Dashboards")
    assert (found.activity_value, found.user_count, found.session_duration) == (-1.5, 3, 12.25)
    assert found.usage_depth == 0.5


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (",2020-01-01,login,,,,,", ("customer_id", "missing")),
        ("A,,login,,,,,", ("date", "missing")),
        (f"A,{AHEAD},login,,,,,", ("date", "future")),
        ("A,2020-01-01,login,many,,,,", ("activity_value", "not_number")),
        ("A,2020-01-01,login,,-1,,,", ("user_count", "too_small")),
        ("A,2020-01-01,login,,,-0.1,,", ("session_duration", "too_small")),
        ("A,2020-01-01,login,,,,,1.01", ("usage_depth", "too_large")),
        ("A,2020-01-01,login,,,,,-0.01", ("usage_depth", "too_small")),
    ],
)
def test_a_row_that_breaks_a_rule_is_set_aside(tmp_path, cells, expected):
    customers("A")
    assert send(tmp_path, cells) == (1, 0, 0, 0, 1)
    assert expected in reasons(2)


def test_rows_alike_are_separate_activities(tmp_path):
    customers("A")
    assert send(tmp_path, LOGIN, LOGIN, LOGIN) == (3, 3, 0, 0, 0)
    assert Activity.objects.count() == 3


def test_the_same_file_again_changes_nothing(tmp_path):
    customers("A")
    send(tmp_path, LOGIN, LOGIN, "A,2020-01-02,login,,,,,")
    assert send(tmp_path, LOGIN, LOGIN, "A,2020-01-02,login,,,,,") == (3, 0, 0, 3, 0)


def test_a_longer_file_adds_only_the_further_ones(tmp_path):
    customers("A")
    send(tmp_path, LOGIN, LOGIN)
    assert send(tmp_path, "A,2020-01-02,login,,,,,", LOGIN, LOGIN, LOGIN) == (4, 2, 0, 2, 0)


def test_the_same_content_written_differently_is_alike(tmp_path):
    customers("A")
    send(tmp_path, "A,2020-01-01,login,,3,0,Charts,0.5")
    again = " A ,2020-01-01T00:00:00+08:00,login,,3.0,-0.0, Charts,0.50"
    assert send(tmp_path, again) == (1, 0, 0, 1, 0)


def test_the_order_and_the_number_of_columns_do_not_matter(tmp_path):
    customers("A")
    send(tmp_path, LOGIN)
    assert send(tmp_path, "login,2020-01-01,A", header="activity_type,date,customer_id") == (1, 0, 0, 1, 0)


@pytest.mark.parametrize(
    "other",
    [
        "B,2020-01-01,login,,,,,",
        "A,2020-01-01 00:00:01,login,,,,,",
        "A,2020-01-01,Login,,,,,",
        "A,2020-01-01,login,1,,,,",
        "A,2020-01-01,login,,1,,,",
        "A,2020-01-01,login,,,1,,",
        "A,2020-01-01,login,,,,1,",
        "A,2020-01-01,login,,,,,1",
    ],
)
def test_a_row_that_differs_in_any_column_is_another(tmp_path, other):
    customers("A", "B")
    send(tmp_path, LOGIN)
    assert send(tmp_path, other) == (1, 1, 0, 0, 0)


def test_rows_alike_are_counted_over_the_whole_file_whatever_the_chunk(tmp_path, monkeypatch):
    customers("A")
    monkeypatch.setattr(prepare, "CHUNK", 2)
    lines = [LOGIN, "A,2020-01-02,login,,,,,", LOGIN, LOGIN, LOGIN]
    assert send(tmp_path, *lines) == (5, 5, 0, 0, 0)
    monkeypatch.setattr(prepare, "CHUNK", 3)
    assert send(tmp_path, *lines, name="other.csv") == (5, 0, 0, 5, 0)


def test_rows_of_an_unknown_customer_go_in_later_and_are_the_same_ones(tmp_path):
    assert send(tmp_path, LOGIN, LOGIN) == (2, 0, 0, 0, 2)
    load_rows("customers", [{"customer_id": "A", "registered_on": "2020-01-01"}])
    assert Activity.objects.count() == 2
    assert send(tmp_path, LOGIN, LOGIN) == (2, 0, 0, 2, 0)


def test_waiting_rows_that_come_again_in_a_longer_file_are_not_there_twice(tmp_path):
    send(tmp_path, LOGIN, LOGIN)
    send(tmp_path, LOGIN, LOGIN, LOGIN, name="longer.csv")
    load_rows("customers", [{"customer_id": "A", "registered_on": "2020-01-01"}])
    assert Activity.objects.count() == 3
    assert not SetAsideRow.objects.filter(resolved_at=None).exists()


def test_a_mended_row_is_one_more_beside_those_alike(tmp_path):
    customers("A")
    broken = "A,2020-01-01,login,,,,,much"
    send(tmp_path, LOGIN, broken, LOGIN)
    row = quarantine.mend(SetAsideRow.objects.get(), {"usage_depth": ""})
    assert row.resolution == "added"
    assert Activity.objects.count() == 3
    assert send(tmp_path, LOGIN, broken, LOGIN) == (3, 0, 0, 3, 0)


def test_the_mended_file_sent_whole_has_the_row_mended_by_hand_already(tmp_path):
    customers("A")
    send(tmp_path, LOGIN, "A,2020-01-01,login,,,,,much", LOGIN)
    quarantine.mend(SetAsideRow.objects.get(), {"usage_depth": ""})
    assert send(tmp_path, LOGIN, LOGIN, LOGIN, name="mended.csv") == (3, 0, 0, 3, 0)


def test_two_rows_mended_to_be_alike_stay_two(tmp_path):
    customers("A")
    send(tmp_path, LOGIN, "A,2020-01-01,login,,,,,x", "A,2020-01-01,login,,,,,y")
    for row in SetAsideRow.objects.all():
        row.mended = row.raw | {"usage_depth": ""}
        row.save()
    assert quarantine.resend(SetAsideRow.objects.all()) == 2
    assert sorted(key[-2:] for key in Activity.objects.values_list("row_key", flat=True)) == ["-0", "-1", "-2"]


def test_a_row_mended_to_another_unknown_customer_waits_with_those_alike(tmp_path):
    customers("A")
    send(tmp_path, "Z,2020-01-01,login,,,,,", "A,2020-01-01,login,,,,,much")
    broken = SetAsideRow.objects.get(line=3)
    assert quarantine.mend(broken, {"customer_id": "Z", "usage_depth": ""}).is_waiting
    load_rows("customers", [{"customer_id": "Z", "registered_on": "2020-01-01"}])
    assert Activity.objects.filter(customer__customer_id="Z").count() == 2


def test_each_call_of_load_rows_is_a_file_of_its_own():
    customers("A")
    row = {"customer_id": "A", "date": "2020-01-01", "activity_type": "login"}
    first = load_rows("activity", [row, row])
    assert [fate for fate, _why in first.rows] == ["added", "added"]
    again = load_rows("activity", [row])
    assert [fate for fate, _why in again.rows] == ["unchanged"]
