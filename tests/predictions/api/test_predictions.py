"""Predictions over the API: what a caller reads, in which language, of whom, and in how many statements."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from customers import boundary, statements
from customers.models import Customer, Hold, UserScope
from customers.rest import counting, keys
from experiments.models import Assignment
from healthscore.models import HealthScore
from predictions import latest
from predictions.api.answers import HistoryAnswer
from predictions.models import Prediction
from tests import face
from tests.customers.rest.callers import machine, person
from tests.experiments.factories import running

pytestmark = pytest.mark.django_db
ROOT, DAY = "/api/v1/predictions/", face.DAY
WEEK = dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def nobody_counted(settings):
    settings.BUSINESS_DATE = DAY
    counting.forget()
    keys.forget()


@pytest.fixture
def crm():
    return machine("predictions:read")


@pytest.fixture
def shop():
    face.rows(3)
    return list(Customer.objects.order_by("customer_id"))


def address(customer_id="c0001"):
    return f"/api/v1/customers/{customer_id}/prediction/"


def ids(response):
    assert response.status_code == 200, response.content
    return [row["customer_id"] for row in response.json()["results"]]


def test_the_latest_prediction_has_everything(crm, shop):
    old = Prediction.objects.get(customer=shop[1])
    Prediction.objects.create(
        customer=shop[1], as_of=DAY - WEEK, model=old.model, probability=0, risk_level="low", lifecycle_stage="new"
    )
    body = crm.get(address()).json()
    health = body.pop("health_score")
    assert body == {
        "customer_id": "c0001",
        "as_of": "2017-09-30",
        "is_current": True,
        "probability": 0.749,
        "risk_level": "critical",
        "lifecycle_stage": "active",
        "main_reason": "days_since_last_transaction",
        "reasons": [{**one, "sentence": one["sentence"]["en"]} for one in face.REASONS],
        "monthly_value": 51.0,
        "model_version": "20170930-lightgbm-aa",
        "held_back": None,
        "treatment": None,
    }
    assert health == {"as_of": "2017-09-30", "score": 0.5, "grade": "at_risk"}


@pytest.mark.parametrize(("asked", "language"), [("zh-CN,zh;q=0.9", "zh"), ("en", "en"), ("zh-Hans", "zh")])
def test_reasons_are_in_the_callers_language(crm, shop, asked, language):
    told = crm.get(address(), HTTP_ACCEPT_LANGUAGE=asked).json()["reasons"]
    assert told[0]["sentence"] == face.REASONS[0]["sentence"][language]


def test_who_was_never_scored_has_no_probability_and_who_is_not_known_is_not_found(crm, shop):
    Customer.objects.create(customer_id="new", registered_on=DAY)
    body = crm.get(address("new")).json()
    assert (body["probability"], body["as_of"], body["is_current"], body["reasons"]) == (None, None, False, None)
    assert crm.get(address("nobody")).status_code == 404
    assert crm.get("/api/v1/customers/nobody/predictions/").status_code == 404


def test_an_old_prediction_says_that_it_is(crm, shop):
    Prediction.objects.filter(customer=shop[1]).update(as_of=DAY - WEEK)
    body = crm.get(address()).json()
    assert (body["as_of"], body["is_current"]) == ("2017-09-23", False)


def test_an_id_of_odd_characters_is_an_address(crm, shop):
    Customer.objects.filter(pk=shop[1].pk).update(customer_id="a/b 客?")
    assert crm.get(address("a%2Fb%20%E5%AE%A2%3F")).json()["customer_id"] == "a/b 客?"
    assert crm.get("/api/v1/customers/a%2Fb%20%E5%AE%A2%3F/predictions/").json()["results"][0]["as_of"] == "2017-09-30"


def test_reasons_of_low_risk_are_null_and_made_where_asked(crm, shop, monkeypatch):
    Prediction.objects.update(reasons=None)
    monkeypatch.setattr("predictions.api.predictions.reasons_for", lambda _row: face.REASONS)
    assert crm.get(address()).json()["reasons"] is None
    assert crm.get(address() + "?explain=true").json()["reasons"][0]["sentence"] == "Last purchase 15 days ago"


def test_a_held_customer_is_marked_by_the_hold_that_lasts_longest(crm, shop):
    Hold.objects.create(customer=shop[1], kind="control", source="experiment 1", since=DAY, until=DAY + WEEK)
    assert crm.get(address()).json()["held_back"] == {
        "kind": "control",
        "source": "experiment 1",
        "until": "2017-10-07",
    }
    Hold.objects.create(customer=shop[1], kind="opt_out", source="opt-out", since=DAY)
    assert crm.get(address()).json()["held_back"] == {"kind": "opt_out", "source": "opt-out", "until": None}


def test_the_statement_holds_whom_the_boundary_holds(shop):
    dates = [None, *(DAY + dt.timedelta(days=days) for days in (-1, 0, 1, 5))]
    for number, until in enumerate(dates):
        for since in (DAY - WEEK, DAY, DAY + WEEK):
            if until is not None and until <= since:
                continue
            one = Customer.objects.create(customer_id=f"h{number}-{since}", registered_on=DAY)
            Hold.objects.create(customer=one, kind="opt_out", source="a", since=since, until=until)
            Hold.objects.create(customer=one, kind="control", source="b", since=DAY - WEEK, until=DAY + WEEK / 2)
    marked = boundary.marked(Customer.objects.all(), on=DAY, customer="pk")
    expected = {one.customer_id: (one.held_kind, one.held_source) for one in marked}
    sql = f"SELECT c.customer_id, h.kind, h.source FROM customers_customer c {boundary.LONGEST_HOLD}"
    assert {name: (kind, source) for name, kind, source in statements.fetched(sql, [DAY, DAY])} == expected
    assert len({kind for kind, _source in expected.values()}) == 3


def enrolled(customer, arm, experiment):
    score = Prediction.objects.get(customer=customer)
    facts = {"probability": score.probability, "risk_level": score.risk_level, "model": score.model}
    return Assignment.objects.create(
        experiment=experiment, customer=customer, arm=arm, u=0.5, enrolled_on=DAY, layer="retention", **facts
    )


def test_an_arm_is_told_of_who_may_be_treated_and_never_of_a_control(crm, shop):
    experiment = running(on=DAY, starts_on=DAY, ends_on=DAY)
    control, coupon = experiment.arms.all()
    enrolled(shop[0], control, experiment)
    enrolled(shop[1], coupon, experiment)
    assert crm.get(address("c0000")).json()["treatment"] is None
    told = crm.get(address()).json()["treatment"]
    assert told == {"experiment": experiment.pk, "arm": coupon.name, "measure": coupon.measure}
    Hold.objects.create(customer=shop[1], kind="opt_out", source="opt-out", since=DAY)
    assert crm.get(address()).json()["treatment"] is None


def test_people_see_customers_in_their_sight_and_scores_that_they_may_read(shop):
    ann = person("predictions.view_prediction")
    assert ann.get(address()).json()["health_score"] is None
    ann.user.user_permissions.add(Permission.objects.get(codename="view_healthscore"))
    ann.user = type(ann.user).objects.get(pk=ann.user.pk)
    ann.force_authenticate(ann.user)
    assert ann.get(address()).json()["health_score"]["grade"] == "at_risk"
    UserScope.objects.create(user=ann.user, regions=["West"])
    Customer.objects.filter(customer_id="c0002").update(region="West")
    ann.force_authenticate(type(ann.user).objects.get(pk=ann.user.pk))
    assert [ann.get(address(name)).status_code for name in ("c0001", "c0002")] == [404, 200]
    assert ann.get("/api/v1/customers/c0001/predictions/").status_code == 404
    assert ids(ann.get(ROOT)) == ["c0002"]
    looked = ann.post(f"{ROOT}lookup/", {"customer_ids": ["c0001", "c0002"]}, format="json").json()
    assert ([one["customer_id"] for one in looked["results"]], looked["unknown"]) == (["c0002"], ["c0001"])


def test_many_are_looked_up_in_their_order_and_the_unknown_are_named(crm, shop):
    response = crm.post(f"{ROOT}lookup/", {"customer_ids": ["c0002", "who", "c0000", "c0002"]}, format="json")
    assert ids(response) == ["c0002", "c0000"]
    assert response.json()["unknown"] == ["who"]
    assert response.json()["results"][0] == crm.get(address("c0002")).json()


@pytest.mark.parametrize("body", [{}, {"customer_ids": []}, {"customer_ids": ["a"] * 1001}, {"customer_ids": [[1]]}])
def test_a_lookup_of_another_form_is_refused(crm, body):
    assert crm.post(f"{ROOT}lookup/", body, format="json").status_code == 400


def test_the_history_has_the_fields_that_are_described(crm, shop):
    (row,) = crm.get("/api/v1/customers/c0001/predictions/").json()["results"]
    assert set(row) == set(HistoryAnswer().fields)


def test_a_wrong_level_is_named_as_its_parameter_is(crm):
    (error,) = crm.get(ROOT, {"risk_level": "huge"}).json()["errors"]
    assert (error["field"], error["code"]) == ("risk_level", "invalid_choice")


def test_the_history_is_by_page_the_latest_first(crm, shop):
    model = Prediction.objects.first().model
    for days in (1, 2):
        Prediction.objects.create(
            customer=shop[1],
            as_of=DAY - dt.timedelta(days=days),
            model=model,
            probability="0.5",
            risk_level="high",
            lifecycle_stage="active",
            churned=True,
        )
    first = crm.get("/api/v1/customers/c0001/predictions/?page_size=2").json()
    assert [one["as_of"] for one in first["results"]] == ["2017-09-30", "2017-09-29"]
    assert first["results"][1]["churned"] is True
    assert first["results"][1]["model_version"] == "20170930-lightgbm-aa"
    assert [one["as_of"] for one in crm.get(first["next"]).json()["results"]] == ["2017-09-28"]


@pytest.mark.parametrize("size", [1, 2, 7, 50])
def test_a_day_is_by_page_the_highest_first_each_once(crm, size):
    face.rows(7)
    Prediction.objects.filter(customer__customer_id__lt="c0004").update(probability=Decimal("0.9"))
    found, where = [], f"{ROOT}?page_size={size}"
    while where:
        page = crm.get(where)
        found += ids(page)
        where = page.json()["next"]
    assert found == [f"c{i:04}" for i in range(7)]


def test_a_day_is_filtered(crm, shop):
    assert ids(crm.get(ROOT, {"risk_level": "critical"})) == ["c0001"]
    assert ids(crm.get(f"{ROOT}?risk_level=critical&risk_level=low")) == ["c0000", "c0001", "c0002"]
    assert ids(crm.get(ROOT, {"min_probability": 0.749})) == ["c0000", "c0001"]
    assert ids(crm.get(ROOT, {"as_of": "2017-09-29"})) == []
    assert ids(crm.get(ROOT, {"as_of": "2017-09-30", "min_probability": "0.75", "risk_level": "low"})) == ["c0000"]
    for wrong in ({"as_of": "soon"}, {"min_probability": 2}, {"risk_level": "huge"}, {"colour": "red"}):
        assert crm.get(ROOT, wrong).status_code == 400
    for cursor in ("abc", "W2ZhbHNlLCJ4IiwieCIsMV0", "W2ZhbHNlLCIyMDE3LTA5LTMwIiwieCIsMV0"):
        assert crm.get(ROOT, {"cursor": cursor}).status_code == 404


def test_a_day_marks_the_held(crm, shop):
    Hold.objects.create(customer=shop[1], kind="opt_out", source="opt-out", since=DAY)
    rows = {one["customer_id"]: one["held_back"] for one in crm.get(ROOT).json()["results"]}
    assert rows["c0001"]["kind"] == "opt_out"
    assert rows["c0000"] is None


def test_before_anything_is_scored_there_is_no_day(crm):
    assert crm.get(ROOT).json() == {"as_of": None, "next": None, "results": []}


def test_each_endpoint_has_a_fixed_number_of_statements(crm, shop, monkeypatch):
    ran = []
    run = latest.fetched
    monkeypatch.setattr(latest, "fetched", lambda sql, params: ran.append(sql) or run(sql, params))
    for call, n in [
        (lambda: crm.get(address()), 1),
        (lambda: crm.get(ROOT), 2),
        (lambda: crm.post(f"{ROOT}lookup/", {"customer_ids": ["c0000", "c0001", "c0002"]}, format="json"), 1),
    ]:
        ran.clear()
        assert call().status_code == 200
        assert len(ran) == n


def test_the_hot_path_needs_no_query_besides_its_statement(crm, shop, django_assert_num_queries):
    from django.db import connection

    crm.get(address())
    # Past Django's cursor on PostgreSQL, so that it is not counted there.
    with django_assert_num_queries(0 if connection.vendor == "postgresql" else 1):
        crm.get(address())


def test_the_latest_health_score_counts(crm, shop):
    old = HealthScore.objects.get(customer=shop[1])
    old.pk, old.as_of, old.grade = None, DAY - WEEK, "good"
    old.save()
    assert crm.get(address()).json()["health_score"]["grade"] == "at_risk"
