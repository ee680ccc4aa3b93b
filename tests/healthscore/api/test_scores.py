"""The health score is served in the form of the files, page by page, to whoever may see it."""

import datetime as dt
import json

import pytest

from customers.models import Customer, Hold, UserScope
from healthscore import scoring
from healthscore.models import HealthAlert, HealthScore
from tests.customers.rest.callers import machine, person
from tests.healthscore.accounts import AS_OF, TIERS, day, deal, session, store, ticket
from tests.healthscore.plain import Account

pytestmark = pytest.mark.django_db
READER = ("healthscore.view_healthscore", "customers.view_personal")


def account(n: int) -> Account:
    """Busier the higher the number; each third has a contract, an open ticket and a renewal ahead."""
    busy = [session(-day_ago, 9, depth=0.5, minutes=20.0, feature="board") for day_ago in range(1, 4 * n + 2)]
    deals = [deal(-200, cents=6_000_000, renewal_on=day(20), account_manager=f"Manager {n % 2}")] if n % 3 == 0 else []
    tickets = [ticket(-2, 1, priority="urgent", satisfaction=2.0)] if n % 3 == 0 else []
    kind = ("enterprise", "mid_market", "startup")[n % 3]
    return Account(day(-400), kind, day(-300), 12.0, "current", 10.0, True, deals, tickets, busy)


@pytest.fixture
def company(settings, tmp_path):
    """Nine accounts with a score and one without; the file that is written beside the database."""
    settings.BUSINESS_DATE = AS_OF
    store([*(account(n) for n in range(9)), Account(day(-10))])
    Customer.objects.update(name="Tech Corp")
    scoring.score(as_of=day(-1), changes={"adoption_tiers": TIERS})
    scoring.score(as_of=AS_OF, changes={"adoption_tiers": TIERS}, out=tmp_path)
    return json.loads((tmp_path / "customer_success_data.json").read_text())


@pytest.fixture
def crm():
    return machine("health:read")


def rows(client, **query) -> list[dict]:
    """The rows of all pages."""
    found, address = [], "/api/v1/health-scores/"
    page = client.get(address, query).json()
    while True:
        found += page["results"]
        if page["next"] is None:
            return found
        page = client.get(page["next"]).json()


def by_id(found) -> dict:
    return {one["customer_id"]: one for one in found}


def test_what_is_served_is_what_the_file_says(company, crm):
    served = by_id(rows(crm, page_size=4))
    assert served.keys() == {one["customer_id"] for one in company["customers"]}
    for told in company["customers"]:
        one = served[told["customer_id"]]
        assert one.pop("held_back") is None
        assert one == told


def test_the_worst_come_first(company, crm):
    scores = [one["health_score"] for one in rows(crm, page_size=4)]
    assert scores == sorted(scores)
    assert len(set(scores)) > 5


def test_the_summary_is_that_of_the_file(company, crm):
    told = crm.get("/api/v1/health-scores/summary/").json()
    assert told == {"as_of": AS_OF.isoformat(), **company["summary"]}


def test_who_has_no_score_is_told_with_the_reason(company, crm):
    told = crm.get("/api/v1/health-scores/not-scored/").json()["results"]
    assert told == company["not_scored"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"grade": "good"}, lambda one: one["health_grade"] == "good"),
        ({"min_score": "0.5"}, lambda one: one["health_score"] >= 0.5),
        ({"max_score": "0.5"}, lambda one: one["health_score"] <= 0.5),
        ({"direction": "stable"}, lambda one: one["trend"]["direction"] == "stable"),
        ({"customer_type": "startup"}, lambda one: int(one["customer_id"][1:]) % 3 == 0),
        ({"region": "nowhere"}, lambda one: False),
    ],
)
def test_list_and_summary_are_filtered_alike(query, wanted, company, crm):
    expected = {one["customer_id"] for one in company["customers"] if wanted(one)}
    assert {one["customer_id"] for one in rows(crm, **query)} == expected
    assert crm.get("/api/v1/health-scores/summary/", query).json()["total_customers"] == len(expected)


def test_an_account_manager_sees_the_own_accounts(company, crm):
    from customers.models import Deal

    Deal.objects.filter(customer__customer_id="C001").update(account_manager="Ann")
    assert [one["customer_id"] for one in rows(crm, account_manager="Ann")] == ["C001"]
    assert crm.get("/api/v1/health-scores/summary/", {"account_manager": "Bob"}).json()["total_customers"] == 0


def test_another_date_is_told_as_of_itself(company, crm):
    HealthAlert.objects.update(opened_on=AS_OF)
    before = rows(crm, as_of=day(-1).isoformat())
    stored = HealthScore.objects.filter(as_of=day(-1)).order_by("score", "customer")
    assert [one["health_score"] for one in before] == [float(one.score) for one in stored]
    assert all(one["alerts"] == [] for one in before)
    assert rows(crm, as_of="2020-01-01") == []


def test_a_closed_alert_is_told_of_the_days_on_which_it_held(company, crm):
    HealthAlert.objects.update(opened_on=day(-1), state="closed", closed_on=AS_OF)
    assert all(one["alerts"] == [] for one in rows(crm))
    assert any(one["alerts"] for one in rows(crm, as_of=day(-1).isoformat()))


def test_who_is_held_back_is_marked(company, crm):
    control, *_others = Customer.objects.order_by("customer_id")
    until = AS_OF + dt.timedelta(days=7)
    Hold.objects.create(customer=control, kind="control", source="experiment 1", since=AS_OF, until=until)
    served = by_id(rows(crm))
    told = {"kind": "control", "source": "experiment 1", "until": until.isoformat()}
    assert [one["customer_id"] for one in served.values() if one["held_back"]] == [control.customer_id]
    assert served[control.customer_id]["held_back"] == told


def test_names_are_for_who_may_see_personal_data(company, crm):
    for client, name in ((crm, "Tech Corp"), (person(*READER), "Tech Corp"), (person(READER[0], username="b"), "•••")):
        assert {one["customer_name"] for one in rows(client)} == {name}
        left_out = client.get("/api/v1/health-scores/not-scored/").json()["results"]
        assert [one["customer_name"] for one in left_out] == [name]


def test_a_user_sees_those_in_sight_in_lists_counts_and_histories(company):
    Customer.objects.filter(customer_id__in=["C002", "C003"]).update(region="West")
    ann = person(*READER)
    UserScope.objects.create(user=ann.user, regions=["West"])
    assert {one["customer_id"] for one in rows(ann)} == {"C002", "C003"}
    assert ann.get("/api/v1/health-scores/summary/").json()["total_customers"] == 2
    assert ann.get("/api/v1/health-scores/not-scored/").json()["results"] == []
    assert ann.get("/api/v1/customers/C002/health/").status_code == 200
    assert ann.get("/api/v1/customers/C001/health/").status_code == 404


def test_the_history_of_a_customer_goes_back_page_by_page(company, crm):
    page = crm.get("/api/v1/customers/C001/health/", {"page_size": 1}).json()
    before = crm.get(page["next"]).json()
    assert [page["results"][0]["as_of"], before["results"][0]["as_of"]] == [AS_OF.isoformat(), day(-1).isoformat()]
    assert before["next"] is None
    told = by_id(company["customers"])["C001"]
    assert page["results"][0] == {"as_of": AS_OF.isoformat()} | {
        name: told[name]
        for name in (
            *("health_score", "health_grade", "risk_level", "score_breakdown", "coverage", "mrr", "trend"),
            "calculated_at",
        )
    }


def test_an_id_with_slashes_is_an_address(company, crm):
    Customer.objects.filter(customer_id="C001").update(customer_id="a/health/b")
    for address in ("a/health/b", "a%2Fhealth%2Fb"):
        assert len(crm.get(f"/api/v1/customers/{address}/health/").json()["results"]) == 2
    assert crm.get("/api/v1/customers/nobody/health/").status_code == 404


@pytest.mark.parametrize(
    ("address", "n"),
    [
        ("health-scores/", 4),
        ("health-scores/summary/", 2),
        ("health-scores/not-scored/", 2),
        ("customers/C001/health/", 3),
    ],
)
def test_each_costs_the_same_however_long(address, n, company, crm, django_assert_num_queries):
    crm.get(f"/api/v1/{address}")
    for query in ({"page_size": 1}, {"page_size": 500}):
        with django_assert_num_queries(n):
            crm.get(f"/api/v1/{address}", {} if "summary" in address else query)


def test_without_any_score_there_is_nothing_to_tell(crm):
    assert rows(crm) == []
    told = crm.get("/api/v1/health-scores/summary/").json()
    assert (told["as_of"], told["total_customers"], told["avg_health_score"]) == (None, 0, None)
    assert told["distribution"] == {"excellent": 0, "good": 0, "at_risk": 0, "critical": 0}


@pytest.mark.parametrize("query", [{"grade": "fine"}, {"min_score": "2"}, {"as_of": "soon"}, {"grad": "good"}])
def test_what_cannot_be_asked_for_is_named(query, crm):
    for what in ("", "summary/"):
        response = crm.get(f"/api/v1/health-scores/{what}", query)
        assert response.status_code == 400
        assert [one["field"] for one in response.json()["errors"]] == list(query)


def test_other_keys_and_people_see_nothing(company):
    addresses = ["health-scores/", "health-scores/summary/", "health-scores/not-scored/", "customers/C001/health/"]
    for client in (machine("predictions:read", "treatments:read"), person("healthscore.view_healthalert")):
        assert [client.get(f"/api/v1/{address}").status_code for address in addresses] == [403] * 4
