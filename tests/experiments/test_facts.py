"""Facts: sums that are exact whatever the batches and however large the amounts, and their digest."""

import datetime as dt
from decimal import Decimal

import pytest

from experiments import facts, states
from experiments.facts import read
from experiments.outcomes import track
from tests.experiments.course import at, buy, enter, stay
from tests.experiments.factories import DAY, running

pytestmark = pytest.mark.django_db

RIPE = DAY + dt.timedelta(days=7)


@pytest.fixture
def experiment():
    found = running(shares={"control": "0.5", "coupon": "0.5"})
    for number, one in enumerate([*enter(found, "control", 5), *enter(found, "coupon", 6)]):
        if number % 3:
            buy(one, at(DAY + dt.timedelta(days=1)), f"{number}.37")
            buy(one, at(DAY - dt.timedelta(days=1)), f"{number * 2}.01")
    track(found, as_of=RIPE)
    return found


def test_batches_of_any_size_give_the_same_facts(experiment, monkeypatch):
    whole = read(experiment, as_of=RIPE)
    monkeypatch.setattr(facts, "BATCH", 2)
    assert read(experiment, as_of=RIPE) == whole
    assert read(experiment, as_of=RIPE).digest() == whole.digest()


def test_the_digest_tells_facts_dates_and_states_apart(experiment):
    first = read(experiment, as_of=RIPE)
    later = read(experiment, as_of=RIPE + dt.timedelta(days=1))
    stay(list(experiment.assignments.all())[:1], DAY)
    track(experiment, as_of=RIPE)
    other = read(experiment, as_of=RIPE)
    assert len({first.digest(), later.digest(), other.digest(), first.digest("stopped", DAY)}) == 4


def test_moments_are_those_of_the_amounts_in_the_currency(experiment):
    moments = read(experiment, as_of=RIPE).moments(0, "amount")
    amounts = [0, 1.37, 2.37, 0, 4.37]
    mean = sum(amounts) / 5
    assert (moments.n, moments.mean) == (5, pytest.approx(mean))
    assert moments.squares == pytest.approx(sum((amount - mean) ** 2 for amount in amounts))


def test_a_metric_is_paired_with_itself_in_the_days_before(experiment):
    paired = read(experiment, as_of=RIPE).paired(0, "amount")
    before, after = [0, 2.01, 4.01, 0, 8.01], [0, 1.37, 2.37, 0, 4.37]
    centre = sum(before) / 5, sum(after) / 5
    products = sum((x - centre[0]) * (y - centre[1]) for x, y in zip(before, after, strict=True))
    assert paired.products == pytest.approx(products)
    assert paired.x.mean == pytest.approx(centre[0])


def test_large_amounts_keep_their_cents():
    experiment = running(shares={"control": "0.5", "coupon": "0.5"})
    people = enter(experiment, "control", 2)
    for one, cents in zip(people, ("0.01", "0.03"), strict=True):
        buy(one, at(DAY), str(Decimal(900000000000) + Decimal(cents)))
    track(experiment, as_of=RIPE)
    moments = read(experiment, as_of=RIPE).moments(0, "amount")
    assert (moments.mean, moments.squares) == (900000000000.02, pytest.approx(0.0002, rel=1e-12))


def test_facts_of_an_ended_experiment_are_those_of_everybody_who_was_in(experiment):
    before = read(experiment, as_of=RIPE)
    states.stop(experiment, user=None, on=RIPE, reason="Enough.")
    assert read(experiment, as_of=RIPE) == before
