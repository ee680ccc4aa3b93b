"""Several workers enrol at the same time on connections of their own: nobody is in twice, and the rows are the same."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from customers.commands import Refused
from customers.models import Hold
from experiments import enrolment, lists, sets, states
from experiments.assignment import arm_at, draw
from experiments.models import Assignment, Experiment, Listing
from tests.experiments.factories import DAY, running, scored

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
HALVES = {"control": "0.5", "coupon": "0.5"}


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do each in a thread with a connection of its own, all let go at the same moment; what they returned or raised."""
    ready, results = threading.Barrier(len(works)), [None] * len(works)

    def work(number: int) -> None:
        try:
            ready.wait()
            results[number] = works[number]()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def enrol(experiment: Experiment) -> Callable[[], enrolment.Enrolled]:
    return lambda: enrolment.enrol(experiment, as_of=DAY)


@pytest.fixture
def small_batches(monkeypatch):
    """Many batches, so that the workers are in the middle of it together."""
    monkeypatch.setattr(sets, "BATCH", 50)
    monkeypatch.setattr(sets.batches, "__defaults__", (50,))


@pytest.fixture(params=["with the lock", "without the lock"])
def lock(request, monkeypatch):
    """The same must hold by the constraints alone, should the lock fail."""
    if request.param == "without the lock":
        monkeypatch.setattr(enrolment, "take_turn", lambda name: None)


def drawn(experiment: Experiment, n: int) -> dict[str, str]:
    """The arms as the draw alone gives them."""
    names, shares = zip(*experiment.arms.values_list("name", "share"), strict=True)
    return {f"C{k:05d}": names[arm_at(draw(experiment.salt, f"C{k:05d}"), shares)] for k in range(n)}


def arms(experiment: Experiment) -> dict[str, str]:
    found = Assignment.objects.filter(experiment=experiment).values_list("customer__customer_id", "arm__name")
    assert len(set(found)) == len(found)
    return dict(found)


def held(experiment: Experiment) -> set[str]:
    return set(Hold.objects.filter(source=experiment.source).values_list("customer__customer_id", flat=True))


def in_control(experiment: Experiment) -> set[str]:
    return {customer for customer, arm in arms(experiment).items() if arm == "control"}


def test_three_workers_enrol_the_same_rows_as_one(small_batches, lock):
    scored([0.9] * 1_000)
    experiment = running(shares=HALVES)
    found = at_once(*[enrol(experiment)] * 3)
    assert sorted(one.n_new for one in found) == [0, 0, 1_000]
    assert arms(experiment) == drawn(experiment, 1_000)
    assert held(experiment) == in_control(experiment)


def test_strata_are_cut_to_their_shares_whoever_comes_first(small_batches):
    scored([0.9] * 1_000)
    experiment = running(shares=HALVES, is_stratified=True)
    found = at_once(*[enrol(experiment)] * 3)
    assert sorted(one.n_new for one in found) == [0, 0, 1_000]
    by_draw = sorted(arms(experiment), key=lambda customer: draw(experiment.salt, customer))
    assert in_control(experiment) == held(experiment) == set(by_draw[:500])


def test_two_experiments_of_one_layer_share_the_customers_without_doubles(small_batches, lock):
    scored([0.9] * 1_000)
    first, second = running(shares=HALVES), running(shares=HALVES)
    found = at_once(enrol(first), enrol(second), enrol(first), enrol(second))
    assert not [one for one in found if isinstance(one, Exception)]
    assert sum(one.n_new for one in found) == 1_000
    assert arms(first).keys() | arms(second).keys() == drawn(first, 1_000).keys()
    assert not arms(first).keys() & arms(second).keys()
    for experiment in (first, second):
        everybody = drawn(experiment, 1_000)
        assert arms(experiment).items() <= everybody.items()
        assert held(experiment) == in_control(experiment)


def test_experiments_of_two_layers_never_treat_the_control_group_of_the_other(small_batches):
    scored([0.9] * 500)
    first, second = running(shares=HALVES, layer="a"), running(shares=HALVES, layer="b")
    at_once(enrol(first), enrol(second))
    earlier, later = sorted((first, second), key=lambda one: -len(arms(one)))
    assert len(arms(earlier)) == 500
    assert arms(later).keys() == arms(earlier).keys() - in_control(earlier)


def test_an_experiment_that_is_stopped_meanwhile_has_whole_batches_or_nobody(small_batches):
    scored([0.9] * 1_000)
    experiment = running(shares=HALVES)
    stop = lambda: states.stop(experiment, user=None, on=DAY, reason="Coupons ran out.")  # noqa: E731
    enrolled, _stopped = at_once(enrol(Experiment.objects.get(pk=experiment.pk)), stop)
    assert len(arms(experiment)) == (0 if isinstance(enrolled, Refused) else 1_000)
    assert not Assignment.objects.filter(is_current=True).exists()


def test_two_workers_make_one_list_within_the_days_bound(small_batches):
    scored([0.9] * 300)
    experiment = running(shares=HALVES, daily_capacity=70)
    enrolment.enrol(experiment, as_of=DAY)
    at_once(*[lambda: lists.make(experiment, on=DAY)] * 3)
    assert Listing.objects.filter(is_ghost=False).count() == 70
