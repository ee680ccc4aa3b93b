"""Experiments are moved from state to state and worked on; a refusal is a conflict with its sentence."""

import pytest

from customers.models import Job
from experiments import states
from experiments.models import Analysis, Assignment, Experiment, StateChange
from tests.customers.rest.callers import person
from tests.experiments.api.sent import conflict, errors, get, post, runner
from tests.experiments.course import enter
from tests.experiments.factories import DAY, draft, running, scored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(settings):
    settings.BUSINESS_DATE = DAY


def test_a_draft_is_started_by_whoever_calls():
    ann, experiment = runner(), draft()
    response = post(ann, f"{experiment.pk}/start/")
    assert (response.status_code, response.json()["state"], response.json()["started_on"]) == (
        200,
        "running",
        "2026-03-02",
    )
    change = StateChange.objects.get()
    assert (change.changed_by, change.to_state) == (ann.user, "running")
    assert response.headers["ETag"] == get(ann, f"{experiment.pk}/").headers["ETag"]


def test_what_stands_against_a_start_is_told_in_the_words_of_the_page():
    experiment = draft(shares={"control": "0.10", "coupon": "0.80"})
    sentence = conflict(post(runner(), f"{experiment.pk}/start/"))
    assert sentence == " ".join(states.check(experiment)) == "The shares add up to 0.9, not to 1."
    experiment.refresh_from_db()
    assert experiment.state == "draft"


def test_a_second_start_is_refused():
    ann, experiment = runner(), draft()
    post(ann, f"{experiment.pk}/start/")
    assert conflict(post(ann, f"{experiment.pk}/start/")) == "“Coupon 1” is running and cannot be running."
    assert StateChange.objects.count() == 1


def test_a_start_sent_again_with_its_key_is_answered_as_the_first():
    ann, experiment = runner(), draft()
    first, second = (post(ann, f"{experiment.pk}/start/", **{"Idempotency-Key": "s1"}) for _ in range(2))
    assert (second.status_code, second.json()) == (200, first.json())
    assert second.headers["ETag"] == first.headers["ETag"]


def test_what_was_read_before_a_change_is_not_started():
    ann, experiment = runner(), draft()
    read = get(ann, f"{experiment.pk}/").headers["ETag"]
    Experiment.objects.update(hypothesis="Changed.")
    assert post(ann, f"{experiment.pk}/start/", **{"If-Match": read}).status_code == 412
    assert Experiment.objects.get().state == "draft"


def test_a_stop_names_its_reason():
    ann, experiment = runner(), running()
    assert set(errors(post(ann, f"{experiment.pk}/stop/", {"reason": " "}))) == {"reason"}
    assert set(errors(post(ann, f"{experiment.pk}/stop/"))) == {"reason"}
    told = post(ann, f"{experiment.pk}/stop/", {"reason": "Complaints."}).json()
    assert (told["state"], told["ended_on"]) == ("stopped", "2026-03-02")
    assert StateChange.objects.get(to_state="stopped").reason == "Complaints."


def test_only_what_runs_is_completed():
    ann, experiment = runner(), draft()
    assert conflict(post(ann, f"{experiment.pk}/complete/")) == "“Coupon 1” is draft and cannot be completed."
    post(ann, f"{experiment.pk}/start/")
    assert post(ann, f"{experiment.pk}/complete/").json()["state"] == "completed"


def test_an_enrolment_is_a_job_and_twice_enrols_once(django_capture_on_commit_callbacks):
    scored([0.8, 0.9, 0.2])
    ann, experiment = runner(), running()
    for n_new in (2, 0):
        with django_capture_on_commit_callbacks(execute=True):
            response = post(ann, f"{experiment.pk}/enrol/", {})
        job = Job.objects.get(pk=response.json()["id"])
        assert (response.status_code, response.headers["Location"]) == (202, f"/api/v1/jobs/{job.pk}/")
        assert (job.state, job.result, job.created_by) == ("done", {"n_new": n_new, "as_of": "2026-03-02"}, ann.user)
    assert Assignment.objects.count() == 2


def test_while_an_enrolment_is_under_way_it_is_the_answer():
    scored([0.8])
    ann, experiment = runner(), running()
    ids = {post(ann, f"{experiment.pk}/enrol/", {"as_of": "2026-03-02"}).json()["id"] for _ in range(2)}
    assert len(ids) == Job.objects.count() == 1


@pytest.mark.parametrize(
    ("made", "as_of", "sentence"),
    [
        (draft, "2026-03-02", "“Coupon 1” is draft; customers are enrolled only while it is running."),
        (running, "2026-03-01", "Nobody was scored as of 2026-03-01; enrolment rests on the scores of its day."),
    ],
)
def test_what_cannot_be_enrolled_is_refused_before_a_job_is_made(made, as_of, sentence):
    scored([0.8])
    assert conflict(post(runner(), f"{made().pk}/enrol/", {"as_of": as_of})) == sentence
    assert not Job.objects.exists()


def test_an_analysis_is_a_job(django_capture_on_commit_callbacks):
    ann, experiment = runner(), running()
    enter(experiment, "control", 3)
    with django_capture_on_commit_callbacks(execute=True):
        response = post(ann, f"{experiment.pk}/analyse/")
    job = Job.objects.get(pk=response.json()["id"])
    assert (response.status_code, job.state, job.result) == (202, "done", {"analysis": Analysis.objects.get().pk})
    assert Analysis.objects.get().made_by == ann.user
    assert "has not been started" in conflict(post(ann, f"{draft().pk}/analyse/"))


MOVES = ("start", "stop", "complete", "enrol", "analyse")


@pytest.mark.parametrize("move", MOVES)
def test_whoever_only_sees_moves_nothing(move):
    experiment = running()
    bob = person("experiments.view_experiment", "experiments.change_experiment", username="bob")
    assert post(bob, f"{experiment.pk}/{move}/", {"reason": "x"} if move == "stop" else {}).status_code == 403
    assert Experiment.objects.get().state == "running"


@pytest.mark.parametrize("move", MOVES)
def test_there_has_to_be_an_experiment(move):
    assert post(runner(), f"0/{move}/", {"reason": "x"} if move == "stop" else {}).status_code == 404
