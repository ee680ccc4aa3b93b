"""The profile `ravenstack` reads files of that form."""

import datetime as dt
from decimal import Decimal

import pytest

from customers.models import Activity, Customer, Deal, SetAsideRow, Ticket
from tests.customers.ingest.files import counts, csv_file, load

pytestmark = pytest.mark.django_db

ACCOUNTS = (
    "account_id,account_name,industry,country,signup_date,referral_source,plan_tier,seats,is_trial,churn_flag",
    "A-1,Harbour,FinTech,UK,2024-01-05,partner,Enterprise,40,False,True",
)
SUBSCRIPTIONS = (
    "subscription_id,account_id,start_date,end_date,plan_tier,seats,mrr_amount,arr_amount,is_trial,upgrade_flag,"
    "downgrade_flag,churn_flag,billing_frequency,auto_renew_flag",
    "S-1,A-1,2024-02-01,2024-05-01,Enterprise,14,2786,33432,False,False,False,True,monthly,True",
    "S-2,A-1,2024-03-01,,Pro,5,0,0,True,False,False,False,annual,False",
)
TICKETS = (
    "ticket_id,account_id,submitted_at,closed_at,resolution_time_hours,priority,first_response_time_minutes,"
    "satisfaction_score,escalation_flag",
    "T-1,A-1,2024-07-27,2024-07-28,27,high,74,,False",
    "T-2,A-1,2024-07-28,2024-07-28,19,urgent,93,4.0,False",
)
USAGE = (
    "usage_id,subscription_id,usage_date,feature_name,usage_count,usage_duration_secs,error_count,is_beta_feature",
    "U-1,S-1,2024-07-27,feature_20,9,5004,0,False",
    "U-2,S-1,2024-07-27,feature_20,9,5004,3,True",
    "U-3,S-2,2024-07-28,feature_7,1,100,0,False",
    "U-4,S-2,2024-07-28,feature_7,1,long,0,False",
)


def send(folder, kind, lines):
    return load(csv_file(folder, *lines, name=f"{kind}.csv"), kind, profile="ravenstack")


def test_accounts_are_customers_and_their_outcome_is_left_out(tmp_path):
    report = send(tmp_path, "customers", ACCOUNTS)
    found = Customer.objects.get()
    assert (found.customer_id, found.name, found.industry, found.region) == ("A-1", "Harbour", "FinTech", "UK")
    assert (found.registered_on, found.registration_channel) == (dt.date(2024, 1, 5), "partner")
    assert (found.customer_type, found.account_status) == ("Enterprise", "")
    assert set(report.ignored_columns) == {"seats", "is_trial", "churn_flag"}


def test_subscriptions_are_deals_of_a_year_and_trials_are_open(tmp_path):
    send(tmp_path, "customers", ACCOUNTS)
    report = send(tmp_path, "sales", SUBSCRIPTIONS)
    rows = Deal.objects.order_by("deal_id").values_list("deal_amount", "contract_length", "deal_stage", "renewal_date")
    assert list(rows) == [(Decimal(33432), 12, "won", None), (Decimal(0), 12, "open", None)]
    assert {"end_date", "churn_flag", "mrr_amount"} < set(report.ignored_columns)


def test_tickets_are_support(tmp_path):
    send(tmp_path, "customers", ACCOUNTS)
    assert counts(send(tmp_path, "support", TICKETS)) == (2, 2, 0, 0, 0)
    found = Ticket.objects.get(ticket_id="T-2")
    assert (found.priority, found.satisfaction_score, found.resolution_time) == ("urgent", 4.0, 19.0)
    assert found.created_date == found.resolved_date


def test_usage_is_activity_of_the_customer_of_the_subscription_in_minutes(tmp_path):
    send(tmp_path, "customers", ACCOUNTS)
    send(tmp_path, "sales", SUBSCRIPTIONS)
    assert counts(send(tmp_path, "activity", USAGE)) == (4, 3, 0, 0, 1)
    assert SetAsideRow.objects.get().reasons[0]["column"] == "usage_duration_secs"
    rows = Activity.objects.order_by("date", "row_key").values_list("activity_type", "feature_name", "session_duration")
    assert list(rows) == [("feature_use", "feature_20", 83.4)] * 2 + [("feature_use", "feature_7", 1.666667)]
    assert set(Activity.objects.values_list("customer__customer_id", "activity_value")) == {("A-1", 9.0), ("A-1", 1.0)}


def test_the_files_may_come_in_any_order_and_twice(tmp_path):
    files = {"activity": USAGE, "support": TICKETS, "sales": SUBSCRIPTIONS, "customers": ACCOUNTS}
    for kind, lines in files.items():
        send(tmp_path, kind, lines)
    assert (Deal.objects.count(), Ticket.objects.count(), Activity.objects.count()) == (2, 2, 3)
    for kind, lines in files.items():
        report = send(tmp_path, kind, lines)
        assert (report.added, report.updated) == (0, 0)
