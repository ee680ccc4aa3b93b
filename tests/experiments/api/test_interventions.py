"""The CRM reports what was done: every row has an answer, and a measure of a control customer is stored and shown."""

import pytest

from customers.models import Intervention, SetAsideRow, UserScope
from experiments import outcomes
from experiments.models import Outcome
from tests.customers.rest.callers import machine, person
from tests.experiments.api.sent import conflict, get, post, runner
from tests.experiments.course import enter
from tests.experiments.factories import DAY, draft, running, scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm():
    return machine("interventions:write")


def row(customer: str, **cells) -> dict:
    plain = {
        "intervention_id": f"I-{customer}",
        "kind": "coupon",
        "occurred_at": "2026-03-03T10:00:00+08:00",
        "cost": 2.5,
    }
    return {**plain, "customer_id": customer, **cells}


def report(client, experiment, *rows, query="", **headers):
    return post(client, f"{experiment.pk}/interventions/{query}", {"rows": list(rows)}, **headers)


def results(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [one["result"] for one in response.json()["rows"]]


def test_a_measure_is_stored_once_and_answered_row_by_row(crm):
    experiment = running()
    one, two = (who.customer.customer_id for who in enter(experiment, "coupon", 2))
    first = report(crm, experiment, row(one), row(two, cost="free"))
    assert results(first) == ["added", "set_aside"]
    assert first.json()["rows"][1]["reasons"] == [
        {"column": "cost", "code": "not_amount", "message": "is not a number such as 12.50"}
    ]
    assert results(report(crm, experiment, row(one), row(two, cost=3))) == ["unchanged", "added"]
    assert sorted(str(measure.cost) for measure in Intervention.objects.all()) == ["2.50", "3.00"]


def test_a_measure_of_a_control_customer_is_stored_told_and_shown_as_contamination(crm):
    experiment = running()
    (control,), (treated,) = enter(experiment, "control"), enter(experiment, "coupon")
    response = report(crm, experiment, row(control.customer.customer_id), row(treated.customer.customer_id))
    assert results(response) == ["added", "added"]
    assert [one["is_contamination"] for one in response.json()["rows"]] == [True, False]
    assert response.json()["contaminations"] == 1
    outcomes.track(experiment, as_of=DAY.replace(day=20))
    assert Outcome.objects.get(assignment=control).first_treated_at is not None
    rows = get(runner(), f"{experiment.pk}/assignments/", is_control="true").json()["results"]
    assert [one["first_treated_at"] is not None for one in rows] == [True]


def test_who_is_not_in_the_experiment_is_set_aside_with_that_reason(crm):
    scored([0.9])
    experiment = running()
    (other,) = enter(running(layer="other"), "coupon")
    response = report(crm, experiment, row("C00000"), row("nobody"), row(other.customer.customer_id), row(""))
    assert results(response) == ["set_aside"] * 4
    codes = [[why["code"] for why in one["reasons"]] for one in response.json()["rows"]]
    assert codes == [["not_enrolled"], ["not_enrolled"], ["not_enrolled"], ["missing"]]
    message = response.json()["rows"][0]["reasons"][0]["message"]
    assert message == "names C00000, a customer who is not in the experiment"
    assert not Intervention.objects.exists()
    assert SetAsideRow.objects.filter(resolved_at=None).count() == 4
    assert response.json()["contaminations"] == 0


def test_atomic_stores_all_or_nothing(crm):
    experiment = running()
    (who,) = enter(experiment, "coupon")
    response = report(crm, experiment, row(who.customer.customer_id), row("nobody"), query="?atomic=true")
    assert response.status_code == 422
    assert [one["field"] for one in response.json()["errors"]] == ["rows.1.customer_id"]
    assert not Intervention.objects.exists()


def test_a_call_sent_again_gets_the_first_answer(crm):
    experiment = running()
    (who,) = enter(experiment, "coupon")
    calls = [report(crm, experiment, row(who.customer.customer_id), **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert calls[0].json() == calls[1].json()
    assert results(calls[1]) == ["added"]


def test_after_the_end_what_was_done_is_still_reported(crm):
    experiment = running()
    (who,) = enter(experiment, "coupon")
    post(runner(), f"{experiment.pk}/stop/", {"reason": "Enough."})
    assert results(report(crm, experiment, row(who.customer.customer_id))) == ["added"]


def test_nobody_is_in_a_draft(crm):
    assert "has not been started" in conflict(report(crm, draft(), row("x")))
    assert post(crm, "0/interventions/", {"rows": [row("x")]}).status_code == 404


def test_others_report_nothing():
    experiment = running()
    limited = person("customers.change_intervention", username="bob")
    UserScope.objects.create(user=limited.user, regions=["West"])
    for client in (machine("treatments:read"), runner(), limited):
        assert report(client, experiment, row("x")).status_code == 403
    assert not SetAsideRow.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(crm, django_assert_max_num_queries):
    experiment = running()
    people = [who.customer.customer_id for who in enter(experiment, "coupon", 200)]
    report(crm, experiment, row(people[0]))
    with django_assert_max_num_queries(40):
        assert set(results(report(crm, experiment, *map(row, people[1:])))) == {"added"}
