"""Interventions as the CRM reports them: every way in, every rule of their columns."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from customers.admin.imports import kinds
from customers.ingest import load_rows
from customers.models import ImportProfile, Intervention
from tests.customers.ingest.files import counts, csv_file, customers, load, reasons

pytestmark = pytest.mark.django_db

HEADER = "intervention_id,customer_id,kind,channel,occurred_at,cost,note"
AHEAD = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date().isoformat()


def test_an_intervention_is_stored_exactly(tmp_path):
    customers("A")
    load(csv_file(tmp_path, HEADER, "I1,A,coupon,sms,2020-01-01 18:30,12.50,ten off"), "interventions")
    one = Intervention.objects.get()
    assert (one.intervention_id, one.customer.customer_id, one.kind, one.channel) == ("I1", "A", "coupon", "sms")
    assert one.occurred_at == dt.datetime(2020, 1, 1, 10, 30, tzinfo=dt.UTC)
    assert (one.cost, one.note, one.recorded_by) == (Decimal("12.50"), "ten off", None)


def test_a_blank_cost_is_0(tmp_path):
    customers("A")
    load(csv_file(tmp_path, HEADER, "I1,A,call,,2020-01-01,,", "I2,A,call,,2020-01-02,0,"), "interventions")
    assert set(Intervention.objects.values_list("cost", flat=True)) == {Decimal(0)}


def test_a_file_without_a_column_of_costs_goes_in(tmp_path):
    customers("A")
    path = csv_file(tmp_path, "intervention_id,customer_id,kind,occurred_at", "I1,A,call,2020-01-01")
    assert load(path, "interventions").added == 1
    assert Intervention.objects.get().cost == 0


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (",A,call,,2020-01-01,,", ("intervention_id", "missing")),
        ("I1,,call,,2020-01-01,,", ("customer_id", "missing")),
        ("I1,A,,,2020-01-01,,", ("kind", "missing")),
        ("I1,A,call,,,,", ("occurred_at", "missing")),
        (f"I1,A,{'x' * 51},,2020-01-01,,", ("kind", "too_long")),
        (f"I1,A,call,{'x' * 51},2020-01-01,,", ("channel", "too_long")),
        ("I1,A,call,,01/01/2020,,", ("occurred_at", "not_time")),
        (f"I1,A,call,,{AHEAD},,", ("occurred_at", "future")),
        ("I1,A,call,,2020-01-01,-0.01,", ("cost", "too_small")),
        ("I1,A,call,,2020-01-01,1.005,", ("cost", "too_precise")),
        ("I1,A,call,,2020-01-01,free,", ("cost", "not_amount")),
    ],
)
def test_an_intervention_that_breaks_a_rule_is_set_aside(tmp_path, cells, expected):
    customers("A")
    assert counts(load(csv_file(tmp_path, HEADER, cells), "interventions")) == (1, 0, 0, 0, 1)
    assert expected in reasons(2)


def test_the_same_row_again_is_unchanged_and_another_cost_updates_it_but_not_when_it_was_recorded(tmp_path):
    customers("A")
    row = "I1,A,coupon,sms,2020-01-01,12.50,"
    load(csv_file(tmp_path, HEADER, row), "interventions")
    recorded_at = Intervention.objects.get().recorded_at
    assert counts(load(csv_file(tmp_path, HEADER, row), "interventions")) == (1, 0, 0, 1, 0)
    changed = load(csv_file(tmp_path, HEADER, "I1,A,coupon,sms,2020-01-01,13,"), "interventions")
    assert counts(changed) == (1, 0, 1, 0, 0)
    one = Intervention.objects.get()
    assert (one.cost, one.recorded_at) == (Decimal(13), recorded_at)


def test_what_staff_noted_stays_theirs_when_the_crm_reports_it_too(tmp_path):
    customers("A")
    load(csv_file(tmp_path, HEADER, "I1,A,call,,2020-01-01,5,"), "interventions")
    clerk = get_user_model().objects.create_user("clerk")
    Intervention.objects.update(recorded_by=clerk)
    load(csv_file(tmp_path, HEADER, "I1,A,call,,2020-01-01,6,"), "interventions")
    assert Intervention.objects.get().recorded_by == clerk


def test_an_intervention_waits_for_its_customer(tmp_path):
    load(csv_file(tmp_path, HEADER, "I1,A,call,,2020-01-01,5,"), "interventions")
    assert Intervention.objects.count() == 0
    load(csv_file(tmp_path, "customer_id,registered_on", "A,2020-01-01", name="customers.csv"), "customers")
    assert Intervention.objects.get().customer.customer_id == "A"


def test_the_command_takes_a_file_of_them_by_its_option_and_by_its_name(tmp_path):
    customers("A")
    path = csv_file(tmp_path, HEADER, "I1,A,call,,2020-01-01,5,", name="interventions.csv")
    call_command("import_data", "--interventions", str(path))
    assert Intervention.objects.count() == 1
    Intervention.objects.all().delete()
    call_command("import_data", str(tmp_path))
    assert Intervention.objects.count() == 1


def test_rows_of_json_go_in_with_an_answer_each():
    customers("A")
    good = {"intervention_id": "I1", "customer_id": "A", "kind": "call", "occurred_at": "2020-01-01T10:00:00Z"}
    report = load_rows("interventions", [{**good, "cost": 2.5}, {**good, "intervention_id": "I2", "cost": -1}])
    assert [fate for fate, reasons in report.rows] == ["added", "set_aside"]
    assert Intervention.objects.get().cost == Decimal("2.50")


def test_a_profile_reads_a_source_with_names_of_its_own(tmp_path):
    customers("A")
    rules = {"columns": {"intervention_id": "no", "customer_id": "who", "occurred_at": "day"}, "constants": {}}
    rules["constants"]["kind"] = "call"
    ImportProfile.objects.create(name="crm", rules={"interventions": rules})
    path = csv_file(tmp_path, "no,who,day,cost", "7,A,2020-01-01,3")
    assert load(path, "interventions", profile="crm").added == 1
    assert Intervention.objects.get().kind == "call"


def test_the_form_for_uploads_offers_them():
    assert "interventions" in dict(kinds())
