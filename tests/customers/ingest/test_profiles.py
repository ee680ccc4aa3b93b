"""Profiles: a source's own columns and values as ours."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from customers.commands import Refused
from customers.ingest.profiles import check
from customers.models import Customer, ImportProfile, SetAsideRow, Transaction
from tests.customers.ingest.files import counts, csv_file, customers, load, reasons

RAW = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
    "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
    "536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom",
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom",
    "536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.00,12583,France",
    "536370,22728,ALARM CLOCK,24,2010-12-01 08:45:00,3.75,12583,France",
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom",
    "536365,84029G,BOTTLE,1,2010-12-01 08:26:00,0.001,17850,United Kingdom",
)


@pytest.mark.django_db
def test_online_retail_comes_in_with_an_invoice_as_one_transaction(tmp_path):
    path = csv_file(tmp_path, *RAW)
    assert counts(load(path, "customers", profile="online_retail")) == (7, 6, 0, 0, 1)
    assert counts(load(path, "transactions", profile="online_retail")) == (7, 4, 0, 0, 3)
    assert Transaction.objects.get(transaction_id="536365").amount == Decimal("35.64")
    assert Transaction.objects.get(transaction_id="536370").amount == Decimal(90)
    assert Customer.objects.get(customer_id="12583").region == "France"
    assert counts(load(path, "transactions", profile="online_retail")) == (7, 0, 0, 4, 3)


@pytest.mark.django_db
def test_lines_that_a_profile_sets_aside_keep_their_reasons(tmp_path):
    load(csv_file(tmp_path, *RAW), "transactions", profile="online_retail")
    row = SetAsideRow.objects.get(line=4)
    assert row.reasons[0]["message"] == "the invoice was cancelled"
    assert row.raw["InvoiceNo"] == "C536379"
    assert ("StockCode", "filtered") in reasons(4)


@pytest.mark.django_db
def test_an_invoice_whose_customer_is_unknown_waits_with_all_its_lines(tmp_path):
    report = load(csv_file(tmp_path, *RAW), "transactions", profile="online_retail")
    assert counts(report) == (7, 0, 0, 0, 7)
    load(csv_file(tmp_path, "customer_id,registered_on", "17850,2010-12-01", name="c.csv"), "customers")
    assert Transaction.objects.get().amount == Decimal("35.64")


@pytest.mark.django_db
def test_columns_values_constants_and_joins_are_mapped(tmp_path):
    rules = {
        "transactions": {
            "columns": {"transaction_id": {"join": ["shop", "no"], "with": "-"}, "customer_id": "who",
                        "occurred_at": "day", "amount": "sum", "status": "paid"},
            "values": {"status": {"yes": "completed", "no": "failed"}},
            "constants": {"payment_method": "cash"},
        }
    }  # fmt: skip
    ImportProfile.objects.create(name="till", rules=rules)
    customers("A")
    path = csv_file(tmp_path, "shop,no,who,day,sum,paid", "1,2,A,2020-01-01,5,no")
    load(path, "transactions", profile="till")
    found = Transaction.objects.get()
    assert (found.transaction_id, found.status, found.payment_method) == ("1-2", "failed", "cash")


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ([], "an object"),
        ({"orders": {}}, "orders is no kind"),
        ({"links": {"colums": {}}}, "colums is no part"),
        ({"links": {"columns": {"sinse": "x"}}}, "sinse, which is no column"),
        ({"links": {"columns": {"since": {"add": ["x"]}}}}, "since is none of"),
        ({"links": {"constants": {"since": 3}}}, "since is not a text"),
        ({"links": {"values": {"since": []}}}, "not pairs of texts"),
        ({"links": {"set_aside": [{"column": "x"}]}}, "a column and a reason"),
        ({"links": {"set_aside": [{"column": "x", "reason": "y", "equals": "", "matches": ""}]}}, "exactly one of"),
        ({"links": {"set_aside": [{"column": "x", "reason": "y", "matches": "("}]}}, "no regular"),
        ({"links": {"group": {"by": "x"}}}, "one of customer_id"),
        ({"links": {"group": {"by": "since", "take": {"since": "mean"}}}}, "take of group"),
    ],
)
def test_rules_that_cannot_work_are_named(rules, problem):
    found = " ".join(check(rules))
    assert problem in found.replace("is not a regular", "is no regular")


@pytest.mark.django_db
def test_the_profile_that_is_shipped_has_no_problems():
    assert check(ImportProfile.objects.get(name="online_retail").rules) == []


@pytest.mark.django_db
def test_a_profile_checks_its_rules_itself_and_names_every_problem():
    profile = ImportProfile(name="till", rules={"orders": {}, "links": {"colums": {}}})
    with pytest.raises(ValidationError) as refused:
        profile.full_clean()
    assert refused.value.messages == [
        "The rules cannot be used: orders is no kind of rows.",
        "The rules cannot be used: links: colums is no part of the rules.",
    ]


@pytest.mark.django_db
def test_a_profile_that_was_stored_unchecked_refuses_the_file_on_use(tmp_path):
    ImportProfile.objects.create(name="till", rules={"orders": {}})
    with pytest.raises(Refused, match="till cannot be used: orders is no kind of rows"):
        load(csv_file(tmp_path, "customer_id,registered_on", "A,2020-01-01"), "customers", profile="till")


@pytest.mark.django_db
def test_the_form_of_a_profile_shows_the_problem_beside_the_rules(admin_client):
    sent = {"name": "till", "description": "", "rules": '{"orders": {}}'}
    page = admin_client.post(reverse("admin:customers_importprofile_add"), sent)
    assert page.context["adminform"].form.errors == {"rules": ["The rules cannot be used: orders is no kind of rows."]}
