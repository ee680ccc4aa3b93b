"""Other systems hear that a list is ready and that an experiment is over; nothing they hear names a customer."""

import pytest

from customers.commands import Refused
from customers.models import Event, Webhook
from experiments import lists, states
from experiments.enrolment import enrol
from tests.experiments.factories import DAY, running, scored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def webhook():
    return Webhook.objects.create(url="https://crm.example/", kinds=["treatments.ready", "experiment.finished"])


def told() -> list[tuple[str, dict]]:
    return [(event.kind, event.data) for event in Event.objects.order_by("happened_at")]


def test_a_list_is_told_of_once_with_how_many_are_to_be_treated():
    scored([0.8] * 50)
    experiment = running(shares={"control": "0.30", "coupon": "0.70"})
    enrol(experiment, as_of=DAY)
    made = lists.make(experiment, on=DAY)
    assert made.n_ghosts
    lists.make(experiment, on=DAY)
    facts = {"experiment": experiment.pk, "listed_on": "2026-03-02", "n_treatments": made.n_treatments}
    assert told() == [("treatments.ready", facts)]
    assert made.n_treatments == lists.treatments(experiment, on=DAY).count()


def test_a_list_of_nobody_is_not_told_of():
    lists.make(running(), on=DAY)
    assert told() == []


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ("stopped", lambda one: states.stop(one, user=None, on=DAY, reason="Enough.")),
        ("completed", lambda one: states.complete(one, user=None, on=DAY)),
    ],
)
def test_an_end_is_told_of_once(state, end):
    experiment = running()
    end(experiment)
    with pytest.raises(Refused):
        end(experiment)
    facts = {"experiment": experiment.pk, "state": state, "ended_on": "2026-03-02"}
    assert told() == [("experiment.finished", facts)]
