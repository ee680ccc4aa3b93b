"""Tracking: outcomes of ripe assignments, from the same events as the label, corrected until they are final."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from customers import archive
from customers.clock import start_of
from experiments import outcomes
from experiments.models import Experiment, Outcome
from experiments.outcomes import Tracked, track
from predictions import labels
from tests.experiments.course import act, at, buy, enter, stay, treat
from tests.experiments.factories import DAY, running

pytestmark = pytest.mark.django_db

RIPE = DAY + dt.timedelta(days=7)


def days(n: float) -> dt.timedelta:
    return dt.timedelta(days=n)


def stored(assignment) -> Outcome:
    return Outcome.objects.get(assignment=assignment)


def test_no_outcome_is_known_before_the_days_are_over():
    experiment = running()
    enter(experiment, "coupon")
    assert track(experiment, as_of=RIPE - days(1)) == Tracked()
    assert not Outcome.objects.exists()


def test_a_customer_without_activity_in_the_observation_days_has_churned():
    experiment = running()
    (one,) = enter(experiment, "coupon")
    buy(one, at(DAY - days(1)))
    buy(one, at(DAY + days(7)))
    assert track(experiment, as_of=RIPE) == Tracked(n_ripe=1, n_new=1)
    found = stored(one)
    assert (found.status, found.n_purchases, found.n_active_days, found.n_purchases_before) == ("churned", 0, 0, 1)


def test_the_figures_are_of_the_observation_days_and_of_the_20_days_before():
    experiment = running()
    (one,) = enter(experiment, "coupon")
    buy(one, start_of(DAY), "10.01")
    buy(one, at(DAY, 23.99), "0.02")
    buy(one, at(DAY + days(6), 23.99), "5.00")
    buy(one, at(DAY + days(1)), "99.00", status="refunded")
    buy(one, at(DAY + days(7), 0), "77.00")
    buy(one, start_of(DAY - days(20)), "3.00")
    buy(one, start_of(DAY - days(20)) - dt.timedelta(seconds=1), "88.00")
    act(one, at(DAY + days(3)), "complaint")
    act(one, at(DAY + days(4)), "unsubscribe")
    act(one, at(DAY - days(1)), "browse")
    track(experiment, as_of=RIPE)
    found = stored(one)
    assert (found.status, found.n_purchases, found.amount, found.n_active_days) == (
        *("retained", 3),
        *(Decimal("15.03"), 3),
    )
    assert (found.n_complaints, found.n_unsubscribes) == (1, 1)
    assert (found.n_purchases_before, found.amount_before, found.n_active_days_before) == (1, Decimal("3.00"), 2)


def test_signals_alone_are_no_activity():
    experiment = running()
    (one,) = enter(experiment, "coupon")
    act(one, at(DAY), "unsubscribe")
    act(one, at(DAY), "security")
    buy(one, at(DAY), status="failed")
    track(experiment, as_of=RIPE)
    assert stored(one).status == "churned"


def test_an_outcome_is_the_label_of_the_enrolment_date():
    experiment = running(observation_days=10)
    people = [enter(experiment, "coupon", on=DAY + days(n % 3))[0] for n in range(12)]
    for number, one in enumerate(people):
        act(one, at(DAY + days(number)), "login" if number % 2 else "security")
    track(experiment, as_of=DAY + days(30))
    for one in people:
        known = labels.labels(as_of=one.enrolled_on, horizon_days=10)
        truth = dict(known.select("customer_pk", "churned").iter_rows())
        assert (stored(one).status == "churned") is truth[one.customer_id]


def test_the_first_treatment_and_the_cost_of_all_are_those_of_the_observation_days():
    experiment = running()
    (one, other) = enter(experiment, "coupon", 2)
    treat(one, at(DAY - days(1)), "100")
    treat(one, at(DAY + days(2)), "2.50")
    treat(one, at(DAY + days(1)), "1.25")
    treat(one, at(DAY + days(7), 0), "100")
    track(experiment, as_of=RIPE)
    assert (stored(one).first_treated_at, stored(one).treatment_cost) == (at(DAY + days(1)), Decimal("3.75"))
    assert (stored(other).first_treated_at, stored(other).treatment_cost) == (None, 0)


def test_tracking_twice_changes_nothing():
    experiment = running()
    people = enter(experiment, "coupon", 3)
    buy(people[0], at(DAY))
    treat(people[0], at(DAY))
    track(experiment, as_of=RIPE)
    before = list(Outcome.objects.order_by("pk").values())
    assert track(experiment, as_of=RIPE + days(1)) == Tracked(n_ripe=3)
    assert list(Outcome.objects.order_by("pk").values()) == before


def test_a_late_event_corrects_the_outcome_and_is_counted():
    experiment = running()
    (one,) = enter(experiment, "coupon")
    track(experiment, as_of=RIPE)
    buy(one, at(DAY + days(5)), "12.00")
    assert track(experiment, as_of=RIPE + days(60)) == Tracked(n_ripe=1, n_corrected=1)
    found = stored(one)
    assert (found.status, found.amount, found.n_corrections) == ("retained", Decimal("12.00"), 1)


def test_customers_enrolled_on_many_dates_are_each_watched_from_their_own(monkeypatch):
    monkeypatch.setattr(outcomes, "WAVE", 2)
    monkeypatch.setattr(outcomes, "CHUNK", 2)
    experiment = running()
    people = [enter(experiment, "coupon", on=DAY + days(n))[0] for n in range(5)]
    for one in people:
        buy(one, at(DAY + days(4)), "1.00")
    assert track(experiment, as_of=DAY + days(10)) == Tracked(n_ripe=4, n_new=4)
    assert track(experiment, as_of=DAY + days(11)) == Tracked(n_ripe=5, n_new=1)
    assert [stored(one).n_purchases for one in people] == [1] * 5
    assert {stored(one).n_purchases_before for one in people} == {0}


def test_archived_events_count(settings):
    experiment = running()
    (one,) = enter(experiment, "coupon")
    buy(one, at(DAY + days(1)))
    archive.purge(as_of=DAY + days(300))
    track(experiment, as_of=DAY + days(300))
    assert stored(one).status == "retained"


def test_only_the_experiments_own_customers_are_tracked():
    first, second = running(), running(layer="other")
    enter(first, "coupon")
    (other,) = enter(second, "coupon")
    assert track(first, as_of=RIPE).n_ripe == 1
    assert not Outcome.objects.filter(assignment=other).exists()


def final(experiment: Experiment) -> None:
    Experiment.objects.filter(pk=experiment.pk).update(finalised_at=timezone.now())


def test_a_finalised_experiment_is_left_alone():
    experiment = running()
    (one,) = enter(experiment, "coupon")
    track(experiment, as_of=RIPE)
    final(experiment)
    buy(one, at(DAY))
    assert track(experiment, as_of=RIPE) == Tracked()
    assert stored(one).status == "churned"


def test_the_database_refuses_to_touch_the_outcomes_of_a_finalised_experiment():
    experiment = running()
    one, other = enter(experiment, "coupon", 2)
    track(experiment, as_of=RIPE)
    Outcome.objects.filter(assignment=other)._raw_delete("default")
    final(experiment)
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.filter(assignment=one).update(status="retained")
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(
            assignment=other,
            status="churned",
            n_purchases=0,
            amount=0,
            n_active_days=0,
            n_complaints=0,
            n_unsubscribes=0,
            n_purchases_before=0,
            amount_before=0,
            n_active_days_before=0,
        )


@pytest.mark.postgres
def test_postgresql_refuses_to_delete_the_outcomes_of_a_finalised_experiment():
    experiment = running()
    enter(experiment, "coupon")
    track(experiment, as_of=RIPE)
    final(experiment)
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.all()._raw_delete("default")


def test_one_failing_experiment_does_not_stop_the_others(monkeypatch):
    bad, good = running(), running(layer="other")
    enter(good, "coupon")
    real = outcomes.track

    def failing(experiment, **options):
        if experiment == bad:
            raise ValueError("out of order")
        return real(experiment, **options)

    monkeypatch.setattr(outcomes, "track", failing)
    result = outcomes.track_all(as_of=RIPE)
    assert (result["ripe"], result["new"]) == (1, 1)
    assert result["failed"] == [{"experiment": bad.pk, "name": bad.name, "error": "ValueError: out of order"}]


@pytest.mark.django_db(transaction=True)
def test_two_trackings_at_once_leave_what_one_leaves():
    experiment = running()
    people = enter(experiment, "coupon", 40)
    stay(people[:10], DAY + days(1))
    results, errors = [], []

    def work():
        try:
            results.append(track(Experiment.objects.get(pk=experiment.pk), as_of=RIPE))
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(result.n_new for result in results) == [0, 40]
    assert (Outcome.objects.filter(status="retained").count(), Outcome.objects.count()) == (10, 40)
    assert not Outcome.objects.exclude(n_corrections=0).exists()
