"""States, their order, their authors, and what the database refuses by itself."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from customers.commands import Refused
from experiments import locks, states
from experiments.models import Analysis, Arm, Condition, Experiment, StateChange
from tests.experiments.factories import DAY, draft, running

pytestmark = pytest.mark.django_db


def test_a_start_locks_the_salt_and_names_who_and_when():
    author = get_user_model().objects.create_user("ada")
    experiment = draft()
    states.start(experiment, user=author, on=DAY)
    change = StateChange.objects.get(experiment=experiment)
    assert (experiment.state, len(experiment.salt), experiment.started_on) == ("running", 32, DAY)
    assert (change.from_state, change.to_state, change.changed_by, change.changed_at.date()) == (
        *("draft", "running", author),
        dt.datetime.now(dt.UTC).date(),
    )


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ({"control": "0.10", "coupon": "0.80"}, "The shares add up to 0.9, not to 1."),
        ({"control": "0.10"}, "at least one arm that gets a measure"),
    ],
)
def test_arms_that_cannot_be_are_refused_and_nothing_changes(shares, sentence):
    experiment = draft(shares=shares)
    with pytest.raises(Refused, match=sentence):
        states.start(experiment, user=None, on=DAY)
    experiment.refresh_from_db()
    assert (experiment.state, experiment.salt, StateChange.objects.count()) == ("draft", "", 0)


@pytest.mark.parametrize("share", ["0.009", "0.991"])
def test_a_control_group_under_one_or_over_99_percent_is_refused_by_the_database(share):
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(shares={"control": share, "coupon": str(1 - Decimal(share))})


def test_an_end_before_the_start_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(ends_on=DAY - dt.timedelta(days=1))


def test_an_unknown_attribute_in_a_filter_is_refused_at_the_start():
    experiment = draft()
    Condition.objects.create(experiment=experiment, attribute="shoe_size", values=["44"])
    with pytest.raises(Refused, match="“shoe_size” is no attribute"):
        states.start(experiment, user=None, on=DAY)


def test_a_stratum_of_an_unknown_attribute_is_refused_at_the_start():
    with pytest.raises(Refused, match="“shoe_size” is no attribute that strata"):
        states.start(draft(is_stratified=True, strata=["shoe_size"]), user=None, on=DAY)


def test_an_experiment_that_is_over_cannot_start():
    with pytest.raises(Refused, match="which is over"):
        states.start(draft(), user=None, on=DAY + dt.timedelta(days=31))


def test_stopping_needs_a_reason_which_is_kept():
    experiment = running()
    with pytest.raises(Refused, match="Say why"):
        states.stop(experiment, user=None, on=DAY, reason=" ")
    states.stop(experiment, user=None, on=DAY, reason="Coupons ran out.")
    assert (experiment.state, experiment.changes.last().reason) == ("stopped", "Coupons ran out.")


@pytest.mark.parametrize("move", [states.stop, states.complete])
def test_a_draft_cannot_end(move):
    with pytest.raises(Refused, match="cannot be"):
        move(draft(), user=None, on=DAY, reason="No.")


def test_an_ended_experiment_is_archived_and_does_not_come_back():
    experiment = running()
    states.complete(experiment, user=None, on=DAY)
    states.archive(experiment, user=None)
    with pytest.raises(Refused, match="cannot be"):
        states.start(experiment, user=None, on=DAY)
    assert [change.to_state for change in experiment.changes.all()] == ["running", "completed", "archived"]


@pytest.mark.parametrize(
    "changed",
    [{"observation_days": 14}, {"layer": "other"}, {"min_probability": None}, {"risk_levels": ["high"]}, {"salt": "x"}],
)
def test_the_database_refuses_to_change_a_started_configuration(changed):
    experiment = running()
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.filter(pk=experiment.pk).update(**changed)


def test_the_database_refuses_a_move_out_of_order():
    experiment = running()
    for state in ("draft", "archived"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Experiment.objects.filter(pk=experiment.pk).update(state=state)


def test_the_database_refuses_to_change_the_arms_and_conditions_of_a_started_experiment():
    experiment = running()
    with pytest.raises(IntegrityError), transaction.atomic():
        experiment.arms.update(share=Decimal("0.5"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Arm.objects.create(experiment=experiment, position=2, name="call", share=Decimal("0.1"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Condition.objects.create(experiment=experiment, attribute="region", values=["north"])


def test_history_and_analyses_are_never_edited():
    experiment = running()
    analysis = Analysis.objects.create(
        experiment=experiment, as_of=DAY, digest="d", verdict="inconclusive", n_assigned=0, n_known=0, document={}
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        StateChange.objects.update(reason="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        Analysis.objects.filter(pk=analysis.pk).update(verdict="effective")


def test_a_draft_may_be_changed_and_deleted():
    experiment = draft()
    experiment.arms.filter(is_control=False).update(measure="Call")
    Experiment.objects.filter(pk=experiment.pk).update(observation_days=14)
    experiment.delete()
    assert not Arm.objects.exists()


def test_every_lock_is_in_the_database():
    query = "SELECT tgname FROM pg_trigger" if connection.vendor == "postgresql" else "SELECT name FROM sqlite_master"
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {name for (name,) in cursor.fetchall()}
    wanted = {lock.name for lock in locks.LOCKS if connection.vendor == "postgresql" or lock.on != "DELETE"}
    assert wanted <= there


@pytest.mark.postgres
def test_postgresql_refuses_to_delete_what_was_started():
    experiment = running()
    for rows in (StateChange.objects.filter(experiment=experiment), experiment.arms.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete("default")


def test_each_start_draws_a_salt_of_its_own_unless_a_simulation_brings_one():
    first, second, simulated = running(), running(), draft()
    states.start(simulated, user=None, on=DAY, salt="5eed")
    assert len({first.salt, second.salt}) == 2
    assert {len(first.salt), len(second.salt)} == {32}
    assert simulated.salt == "5eed"
