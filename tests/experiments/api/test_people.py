"""Analysts see everybody who is in an experiment; the CRM sees whom to treat, and never a control customer."""

import datetime as dt

import pytest

from customers.models import Customer, Hold, Interaction, Suppression, UserScope
from experiments import lists, states
from experiments.enrolment import enrol
from experiments.models import Assignment
from tests.customers.rest.callers import machine, person
from tests.experiments.api.sent import errors, get, runner
from tests.experiments.course import at, treat
from tests.experiments.factories import DAY, running, scored

pytestmark = pytest.mark.django_db
N = 60


@pytest.fixture(autouse=True)
def today(settings):
    settings.BUSINESS_DATE = DAY


@pytest.fixture
def experiment():
    """A running experiment, everybody enrolled and on the list of the day."""
    scored([0.7 + i / 1000 for i in range(N)], customer_type="retail")
    one = running(shares={"control": "0.30", "coupon": "0.70"})
    enrol(one, as_of=DAY)
    lists.make(one, on=DAY)
    return one


@pytest.fixture
def crm():
    return machine("treatments:read")


def ids(rows) -> set[str]:
    return set(rows.values_list("customer__customer_id", flat=True))


def listed(client, experiment, **query) -> list[str]:
    """The customers of all pages."""
    found, page = [], get(client, f"{experiment.pk}/treatments/", **query).json()
    while True:
        found += [one["customer_id"] for one in page["results"]]
        if page["next"] is None:
            return found
        page = client.get(page["next"]).json()


def test_those_to_be_treated_are_listed_once_over_all_pages_and_no_control_is(experiment, crm):
    found = listed(crm, experiment, page_size=7)
    treated = Assignment.objects.filter(experiment=experiment, arm__name="coupon")
    assert sorted(found) == sorted(ids(treated))
    assert ids(Assignment.objects.filter(arm__is_control=True)) & set(found) == set()
    row = get(crm, f"{experiment.pk}/treatments/").json()["results"][0]
    assert set(row) == {"customer_id", "arm", "measure", "probability", "risk_level", "listed_on"}
    assert (row["arm"], row["measure"], row["listed_on"]) == ("coupon", "Send a coupon", "2026-03-02")


def test_who_is_kept_off_is_recorded_as_the_file_does(experiment, crm):
    listed(crm, experiment, page_size=7)
    kept_off = ids(Suppression.objects.filter(outlet=lists.API))
    assert kept_off == ids(Assignment.objects.filter(arm__is_control=True))
    list(lists.export(experiment, user=runner().user, today=DAY))
    assert ids(Suppression.objects.filter(outlet=lists.EXPORT)) == kept_off


def test_who_is_held_after_the_list_was_made_is_not_told(experiment, crm):
    first, second = Assignment.objects.filter(arm__name="coupon").select_related("customer")[:2]
    Hold.objects.create(customer=first.customer, kind="opt_out", source="opt-out", since=DAY)
    Interaction.objects.create(interaction_id="u", customer=second.customer, occurred_at=at(DAY), kind="unsubscribe")
    found = listed(crm, experiment)
    held = {first.customer.customer_id, second.customer.customer_id}
    assert len(found) == Assignment.objects.filter(arm__name="coupon").count() - 2
    assert held & set(found) == set()
    assert held <= ids(Suppression.objects.filter(outlet=lists.API))


def test_who_opts_out_between_two_pages_is_not_on_the_second(experiment, crm):
    page = get(crm, f"{experiment.pk}/treatments/", page_size=5).json()
    late = lists.treatments(experiment, today=DAY).last().customer
    Hold.objects.create(customer=late, kind="opt_out", source="opt-out", since=DAY)
    rest = []
    while page["next"]:
        page = crm.get(page["next"]).json()
        rest += [one["customer_id"] for one in page["results"]]
    assert rest
    assert late.customer_id not in rest


def test_the_list_of_a_date_and_of_no_other(experiment, crm):
    assert listed(crm, experiment, on="2026-03-02")
    assert listed(crm, experiment, on="2026-03-01") == []
    assert set(errors(get(crm, f"{experiment.pk}/treatments/", on="soon"))) == {"on"}


def test_after_the_end_nobody_is_to_be_treated(experiment, crm):
    states.stop(experiment, user=None, on=DAY, reason="Enough.")
    assert listed(crm, experiment) == []


def test_after_the_observation_days_nobody_is_to_be_treated(experiment, crm, settings):
    settings.BUSINESS_DATE = DAY + dt.timedelta(days=7)
    assert listed(crm, experiment) == []


def test_a_page_costs_the_same_however_long(experiment, crm, django_assert_num_queries):
    listed(crm, experiment)
    for size in (5, 50):
        with django_assert_num_queries(7):
            get(crm, f"{experiment.pk}/treatments/", page_size=size)


def test_everybody_is_told_to_analysts_with_the_draw(experiment):
    treat(Assignment.objects.get(customer__customer_id="C00003"), at(DAY))
    rows = get(runner(), f"{experiment.pk}/assignments/", page_size=500).json()["results"]
    assert len(rows) == N
    for row in rows:
        one = Assignment.objects.get(customer__customer_id=row["customer_id"])
        assert (row["u"], row["arm"], row["is_control"]) == (one.u, one.arm.name, one.arm.is_control)
        assert (row["outcome"], row["listed_on"], row["model_version"]) == ("unknown", "2026-03-02", "m1")


def test_assignments_are_filtered(experiment):
    ann = runner()
    controls = ids(Assignment.objects.filter(arm__is_control=True))
    for query in ({"is_control": "true"}, {"arm": "control"}):
        rows = get(ann, f"{experiment.pk}/assignments/", page_size=500, **query).json()["results"]
        assert {row["customer_id"] for row in rows} == controls
    assert get(ann, f"{experiment.pk}/assignments/", enrolled_on="2026-03-03").json()["results"] == []
    assert get(ann, f"{experiment.pk}/assignments/", risk_level="low").json()["results"] == []


@pytest.mark.parametrize("size", [1, 50])
def test_assignments_cost_the_same_however_many(size, experiment, django_assert_num_queries):
    ann = runner()
    get(ann, f"{experiment.pk}/assignments/")
    with django_assert_num_queries(2):
        get(ann, f"{experiment.pk}/assignments/", page_size=size)


def test_a_user_sees_those_in_sight_only(experiment):
    Customer.objects.filter(customer_id__in=["C00001", "C00002", "C00003"]).update(region="West")
    ann = runner()
    UserScope.objects.create(user=ann.user, regions=["West"])
    rows = get(ann, f"{experiment.pk}/assignments/").json()["results"]
    assert {row["customer_id"] for row in rows} == {"C00001", "C00002", "C00003"}
    assert set(listed(ann, experiment)) == ids(
        Assignment.objects.filter(customer__region="West", arm__is_control=False)
    )
    assert ids(Suppression.objects.filter(outlet=lists.API)) <= {"C00001", "C00002", "C00003"}


def test_the_key_of_the_crm_sees_the_list_and_not_the_draw(experiment, crm):
    assert get(crm, f"{experiment.pk}/assignments/").status_code == 403
    assert get(machine("interventions:write"), f"{experiment.pk}/treatments/").status_code == 403
    guest = person("experiments.view_experiment")
    assert [get(guest, f"{experiment.pk}/{what}/").status_code for what in ("assignments", "treatments")] == [403, 403]


def test_there_has_to_be_an_experiment(crm):
    assert get(crm, "0/treatments/").status_code == 404
    assert get(runner(), "0/assignments/").status_code == 404
