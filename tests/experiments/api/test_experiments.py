"""Experiments are listed, configured and changed; each mistake is told beside its field, in the words of the form."""

import pytest

from experiments import states
from experiments.models import Arm, Condition, Experiment
from tests.customers.rest.callers import machine, person
from tests.experiments.api.sent import ARMS, body, conflict, errors, get, patch, post, runner
from tests.experiments.factories import DAY, draft, running

pytestmark = pytest.mark.django_db


def test_a_draft_is_made_with_all_that_was_sent_and_the_defaults_of_the_form():
    ann = runner()
    conditions = [{"attribute": "vip_level", "operator": "at_least", "values": [2]}]
    response = post(ann, "", body(observation_days=14, conditions=conditions))
    made = Experiment.objects.get()
    assert (response.status_code, response.headers["Location"]) == (201, f"/api/v1/experiments/{made.pk}/")
    told = response.json()
    assert (told["state"], told["observation_days"], told["min_probability"]) == ("draft", 14, 0.7)
    assert [(arm["name"], arm["is_control"], arm["share"], arm["position"]) for arm in told["arms"]] == [
        ("control", True, 0.1, 0),
        ("coupon", False, 0.9, 1),
    ]
    assert told["conditions"] == [{"attribute": "vip_level", "operator": "at_least", "values": ["2"]}]
    assert (made.created_by, states.check(made)) == (ann.user, [])
    assert get(ann, f"{made.pk}/").json() == told


def test_without_arms_a_tenth_is_left_alone():
    told = post(runner(), "", {name: value for name, value in body().items() if name != "arms"}).json()
    assert [(arm["is_control"], arm["share"]) for arm in told["arms"]] == [(True, 0.1), (False, 0.9)]


def test_the_control_group_stands_first_wherever_it_was_sent():
    told = post(runner(), "", body(arms=ARMS[::-1])).json()
    assert [arm["name"] for arm in told["arms"]] == ["control", "coupon"]


def arms(*shares: float, n_control: int = 1) -> list[dict]:
    return [{"name": f"arm {i}", "is_control": i < n_control, "share": share} for i, share in enumerate(shares)]


WRONG = [
    ({"arms": arms(0.1, 0.8)}, "arms", "The shares add up to 0.9, not to 1."),
    ({"arms": arms(0.009, 0.991)}, "arms.0.share", "The control group needs a share of 1 % to 99 %."),
    ({"arms": arms(0.995, 0.005)}, "arms.0.share", "The control group needs a share of 1 % to 99 %."),
    ({"arms": arms(0.5, 0.5, n_control=0)}, "arms", "An experiment needs one control group."),
    ({"arms": arms(0.5, 0.25, 0.25, n_control=2)}, "arms", "An experiment needs one control group."),
    ({"arms": arms(1, n_control=0)}, "arms", "An experiment needs one control group."),
    ({"arms": [ARMS[0], {**ARMS[1], "name": "control"}]}, "arms", "Two arms have the same name."),
    ({"ends_on": "2026-03-01"}, "ends_on", "The end date lies before the start date."),
    ({"value_source": "fixed"}, "value", "Give the value of a kept customer, or take each customer's own."),
    (
        {"is_stratified": True, "strata": []},
        "strata",
        "Tick what makes a stratum, or leave the experiment unstratified.",
    ),
    ({"observation_days": 6}, "observation_days", "Ensure this value is greater than or equal to 7."),
    ({"min_probability": 1.2}, "min_probability", "Ensure this value is less than or equal to 1."),
    ({"risk_levels": ["hgih"]}, "risk_levels.0", '"hgih" is not a valid choice.'),
    ({"salt": "mine"}, "salt", "This field is not known here."),
    ({"state": "running"}, "state", "This field is not known here."),
    (
        {"conditions": [{"attribute": "region", "operator": "at_least", "values": ["West"]}]},
        "conditions.0.values",
        "region has no order, so it has no bound.",
    ),
    (
        {"conditions": [{"attribute": "vip_level", "values": ["gold"]}]},
        "conditions.0.values",
        "“gold” is no value of VIP level.",
    ),
]


@pytest.mark.parametrize(("values", "field", "sentence"), WRONG)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_stored(values, field, sentence):
    assert errors(post(runner(), "", body(**values))).get(field) == sentence
    assert not Experiment.objects.exists()


def test_two_experiments_have_two_names():
    ann = runner()
    post(ann, "", body())
    assert "already exists" in errors(post(ann, "", body()))["name"]


def test_only_what_is_sent_changes():
    experiment = draft()
    ann = runner()
    told = patch(ann, experiment.pk, {"hypothesis": "It helps."}).json()
    assert (told["hypothesis"], told["name"], len(told["arms"])) == ("It helps.", "Coupon 1", 2)


def test_arms_and_conditions_take_the_place_of_all_there_were():
    experiment = draft()
    Condition.objects.create(experiment=experiment, attribute="region", values=["West"])
    told = patch(runner(), experiment.pk, {"arms": arms(0.2, 0.4, 0.4), "conditions": []}).json()
    assert [arm["share"] for arm in told["arms"]] == [0.2, 0.4, 0.4]
    assert (Arm.objects.count(), Condition.objects.count()) == (3, 0)


def test_arms_of_a_change_are_whole():
    experiment, ann = draft(), runner()
    assert patch(ann, experiment.pk, {"arms": ARMS}).status_code == 200
    assert set(errors(patch(ann, experiment.pk, {"arms": [ARMS[0], {"name": "call"}]}))) == {"arms.1.share"}


def test_a_change_is_checked_against_what_stays():
    experiment = draft()
    wrong = errors(patch(runner(), experiment.pk, {"ends_on": "2026-03-01"}))
    assert wrong == {"ends_on": "The end date lies before the start date."}
    assert errors(patch(runner("bob"), experiment.pk, {"arms": arms(0.1, 0.8)}))
    assert [float(arm.share) for arm in experiment.arms.all()] == [0.1, 0.9]


def test_its_own_name_may_stay_and_that_of_another_may_not_be_taken():
    first, second = draft(), draft()
    ann = runner()
    assert patch(ann, first.pk, {"name": first.name}).status_code == 200
    assert "already exists" in errors(patch(ann, first.pk, {"name": second.name}))["name"]


def test_a_started_experiment_is_locked():
    experiment = running()
    assert "is locked" in conflict(patch(runner(), experiment.pk, {"hypothesis": "Later."}))
    experiment.refresh_from_db()
    assert experiment.hypothesis == ""


def test_a_change_of_what_another_changed_meanwhile_is_refused():
    ann, experiment = runner(), draft()
    read = get(ann, f"{experiment.pk}/").headers["ETag"]
    first = patch(ann, experiment.pk, {"hypothesis": "One."}, If_Match=read)
    second = patch(ann, experiment.pk, {"hypothesis": "Two."}, If_Match=read)
    assert (first.status_code, second.status_code) == (200, 412)
    assert get(ann, f"{experiment.pk}/").headers["ETag"] == first.headers["ETag"] != read
    third = patch(ann, experiment.pk, {"hypothesis": "Three."}, If_Match=first.headers["ETag"])
    assert third.json()["hypothesis"] == "Three."


def test_a_changed_arm_changes_the_tag():
    ann, experiment = runner(), draft()
    read = get(ann, f"{experiment.pk}/").headers["ETag"]
    patch(ann, experiment.pk, {"arms": arms(0.2, 0.8)})
    assert patch(ann, experiment.pk, {"layer": "x"}, If_Match=read).status_code == 412


def test_the_list_is_filtered_and_turned_page_by_page():
    for _ in range(3):
        draft()
    running(layer="other")
    ann = runner()
    assert [one["name"] for one in get(ann).json()["results"]] == ["Coupon 4", "Coupon 3", "Coupon 2", "Coupon 1"]
    assert [one["name"] for one in get(ann, state="running").json()["results"]] == ["Coupon 4"]
    assert [one["name"] for one in get(ann, layer="other").json()["results"]] == ["Coupon 4"]
    page = get(ann, page_size=3).json()
    assert [one["name"] for one in ann.get(page["next"]).json()["results"]] == ["Coupon 1"]
    assert [set(errors(get(ann, **{name: "over"}))) for name in ("state", "staet")] == [{"state"}, {"staet"}]


@pytest.mark.parametrize("n", [1, 7])
def test_the_list_costs_the_same_however_long(n, django_assert_num_queries):
    for _ in range(n):
        draft()
    ann = runner()
    get(ann)
    with django_assert_num_queries(3):
        assert len(get(ann).json()["results"]) == n


def test_whoever_may_see_may_not_change():
    experiment = draft()
    guest = person("experiments.view_experiment")
    assert get(guest, f"{experiment.pk}/").status_code == 200
    assert [post(guest, "", body()).status_code, patch(guest, experiment.pk, {}).status_code] == [403, 403]
    crm = machine("treatments:read", "interventions:write")
    assert [get(crm).status_code, post(crm, "", body(name="x")).status_code] == [403, 403]


def test_the_day_is_told_as_a_date_and_the_moment_with_its_offset():
    told = get(runner(), f"{running().pk}/").json()
    assert (told["started_on"], told["ended_on"]) == (DAY.isoformat(), None)
    assert told["created_at"][-6] in "+-"
