"""The daily steps and tasks of experiments, and one experiment from its configuration to its final analysis."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.test import TestCase

from churnsite import steps
from customers import jobs
from customers.commands import Advance
from customers.models import Hold
from experiments import analysis, outcomes, states, tasks
from experiments.analysis import CORRECTION_DAYS
from experiments.assignment import draw
from experiments.following import complete_all, follow_all
from experiments.models import Analysis, Assignment, Experiment, Outcome, StateChange
from tests.experiments.course import at, enter, stay, treat
from tests.experiments.factories import DAY, draft, running, scored

pytestmark = pytest.mark.django_db

RIPE = DAY + dt.timedelta(days=7)


def days(n: float) -> dt.timedelta:
    return dt.timedelta(days=n)


def test_the_daily_job_completes_an_experiment_once_its_last_date_is_past():
    experiment = running(ends_on=DAY + days(2))
    assert complete_all(as_of=DAY + days(2)) == ([], [])
    assert complete_all(as_of=DAY + days(3)) == ([experiment.pk], [])
    assert complete_all(as_of=DAY + days(3)) == ([], [])
    change = StateChange.objects.latest("pk")
    assert (change.to_state, change.changed_by) == ("completed", None)
    experiment.refresh_from_db()
    assert experiment.ended_on == DAY + days(3)


def test_following_twice_changes_nothing():
    experiment = running()
    enter(experiment, "coupon", 3)
    enter(experiment, "control", 3)
    first = follow_all(as_of=RIPE)
    before = list(Outcome.objects.order_by("pk").values()), list(Analysis.objects.values())
    second = follow_all(as_of=RIPE)
    assert (first["new"], second["new"], second["corrected"], second["analysed"]) == (6, 0, 0, 1)
    assert (list(Outcome.objects.order_by("pk").values()), list(Analysis.objects.values())) == before


def test_the_daily_job_finalises_two_weeks_after_the_last_outcome():
    experiment = running(ends_on=DAY)
    enter(experiment, "coupon", 3)
    enter(experiment, "control", 3)
    due = RIPE + days(CORRECTION_DAYS)
    assert follow_all(as_of=due - days(1))["finalised"] == []
    assert follow_all(as_of=due)["finalised"] == [experiment.pk]
    assert follow_all(as_of=due + days(1)) == {
        "completed": [],
        "ripe": 0,
        "new": 0,
        "corrected": 0,
        "analysed": 0,
        "finalised": [],
        "failed": [],
    }
    assert Analysis.objects.filter(is_final=True).count() == 1


def test_a_failing_analysis_is_told_and_the_others_are_made(monkeypatch):
    bad, good = running(), running(layer="other")
    enter(good, "coupon")
    real = analysis.analyse

    def failing(experiment, **options):
        if experiment == bad:
            raise ZeroDivisionError("by nobody")
        return real(experiment, **options)

    monkeypatch.setattr(analysis, "analyse", failing)
    result = follow_all(as_of=RIPE)
    assert result["failed"] == [{"experiment": bad.pk, "name": bad.name, "error": "ZeroDivisionError: by nobody"}]
    assert (result["analysed"], Analysis.objects.get().experiment) == (1, good)


def test_a_lost_connection_is_raised_so_that_the_step_is_tried_again(monkeypatch):
    def lost(experiment, **options):
        raise ConnectionError("gone")

    running()
    monkeypatch.setattr(outcomes, "track", lost)
    with pytest.raises(ConnectionError):
        follow_all(as_of=RIPE)


def test_the_steps_enrol_list_track_and_analyse():
    running()
    scored([0.9] * 60)
    enrolled = steps.step_named("enrol").work(DAY, Advance())
    again = steps.step_named("enrol").work(DAY, Advance())
    assert (enrolled.n_rows, enrolled.result["enrolled"], again.n_rows) == (60, 60, 0)
    assert enrolled.result["lists"]["listed"] >= Assignment.objects.filter(arm__is_control=False).count()
    tracked = steps.step_named("track").work(RIPE, Advance())
    assert (tracked.n_rows, tracked.result["new"], tracked.result["analysed"]) == (60, 60, 1)
    assert Analysis.objects.get().n_known == 60


def test_a_task_tracks_and_analyses_one_experiment_for_the_one_who_asked():
    author = get_user_model().objects.create_user("ada")
    experiment = running()
    enter(experiment, "coupon")
    made = worked(tasks.analyse, experiment, author)
    assert Analysis.objects.get(pk=made.result["analysis"]).made_by == author
    assert worked(tasks.analyse, experiment, author).result == made.result
    assert worked(tasks.finalise, experiment, author).error.endswith("has not ended: stop or complete it first.")
    states.complete(experiment, user=author, on=RIPE)
    final = worked(tasks.finalise, experiment, author)
    assert worked(tasks.finalise, experiment, None).result == final.result
    assert Analysis.objects.get(pk=final.result["analysis"]).is_final


def test_a_task_enrols_by_the_scores_of_a_date_or_the_last_ones(settings):
    settings.BUSINESS_DATE = RIPE
    scored([0.9, 0.8])
    experiment = running()
    made = worked(tasks.enrol, experiment, None, as_of=None)
    assert (made.state, made.result) == ("done", {"n_new": 2, "as_of": DAY.isoformat()})
    assert worked(tasks.enrol, experiment, None, as_of=DAY.isoformat()).result["n_new"] == 0
    assert "Nobody was scored as of" in worked(tasks.enrol, experiment, None).error


def test_a_task_of_an_experiment_that_is_gone_says_so():
    experiment = running()
    gone = type(experiment)(pk=experiment.pk + 1)
    assert worked(tasks.analyse, gone, None).error == "There is no such experiment any more."


def worked(task, experiment, user, **options):
    """The job of a task after it was done."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        job = jobs.start(task, user=user, experiment=experiment.pk, **({"as_of": RIPE.isoformat()} | options))
    job.refresh_from_db()
    return job


def test_the_task_of_all_experiments_takes_a_date_or_today(settings):
    settings.BUSINESS_DATE = RIPE
    enter(running(), "coupon")
    assert tasks.track.delay().get()["new"] == 1
    assert tasks.track.delay(RIPE.isoformat()).get()["new"] == 0


@pytest.mark.parametrize("task", [tasks.track, tasks.enrol, tasks.analyse, tasks.finalise, tasks.learn_uplift])
def test_tasks_are_acknowledged_late(task):
    assert task.acks_late


def test_an_experiment_from_its_configuration_to_its_final_analysis():
    """Three days of 200 customers: half of the treated stay, a quarter of the control; one of those is treated."""
    experiment = draft(
        shares={"control": "0.3", "coupon": "0.7"},
        ends_on=DAY + days(2),
        treatment_cost=Decimal(2),
        value_source="fixed",
        value=Decimal(80),
    )
    states.start(experiment, user=None, on=DAY)
    for number in range(3):
        day = DAY + days(number)
        scored([0.75] * 200, as_of=day, prefix=f"D{number}-")
        live(day)
    control, coupon = members(experiment, is_control=True), members(experiment, is_control=False)
    assert len(control) + len(coupon) == 600
    assert all(
        (draw(experiment.salt, one.customer.customer_id) < 0.3) is one.arm.is_control for one in control + coupon
    )
    assert Hold.objects.filter(source=experiment.source).count() == len(control)
    kept_control, kept_coupon = control[: len(control) // 4], coupon[: len(coupon) // 2]
    for one in [*kept_control, *kept_coupon]:
        stay([one], one.enrolled_on + days(6))
    for one in coupon[:100]:
        treat(one, at(one.enrolled_on), "1.50")
    treat(control[0], at(control[0].enrolled_on + days(2)))

    for number in range(3, 3 + 7 + CORRECTION_DAYS):
        live(DAY + days(number))
    document = Analysis.objects.get(is_final=True).document
    (comparison,) = document["churn"]["comparisons"]
    churned = len(control) - len(kept_control), len(coupon) - len(kept_coupon)
    rates = churned[0] / len(control), churned[1] / len(coupon)
    assert [arm["events"] for arm in document["churn"]["arms"]] == list(churned)
    assert comparison["difference"] == pytest.approx(rates[0] - rates[1])
    pooled = sum(churned) / 600
    z = (rates[0] - rates[1]) / (pooled * (1 - pooled) * (1 / len(control) + 1 / len(coupon))) ** 0.5
    assert comparison["p_value"] == pytest.approx(2 * normal_tail(z))
    assert (document["contamination"]["n"], document["verdict"]["code"], document["trust"]) == (1, "effective", "fixed")
    (complier,) = document["compliers"]
    share = 100 / len(coupon) - 1 / len(control)
    assert complier["effect"] == pytest.approx((rates[0] - rates[1]) / share)
    (money,) = document["money"]
    kept = (rates[0] - rates[1]) * len(coupon)
    assert (money["kept"], money["cost"], money["net"]) == (
        *(pytest.approx(kept), 150),
        pytest.approx(80 * kept - 150),
    )
    (ghosts,) = document["ghosts"]
    assert (ghosts["listed"]["n"], ghosts["ghosts"]["n"]) == (len(coupon), len(control))
    assert ghosts["difference"] == pytest.approx(comparison["difference"])
    assert Analysis.objects.filter(experiment=experiment).count() == 3 + 7 + CORRECTION_DAYS


def live(day: dt.date) -> None:
    for name in ("enrol", "track"):
        steps.step_named(name).work(day, Advance())


def members(experiment: Experiment, *, is_control: bool) -> list[Assignment]:
    found = experiment.assignments.filter(arm__is_control=is_control).select_related("customer", "arm")
    return list(found.order_by("pk"))


def normal_tail(z: float) -> float:
    from statistics import NormalDist

    return NormalDist().cdf(-abs(z))
