"""The day's list of a study: who is on it, who is kept off, who is left alone."""

import csv
import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from customers.clock import start_of
from customers.commands import Refused
from customers.models import Customer, Hold, Interaction, Suppression
from experiments import uplift_lists
from experiments.models import Assignment, UpliftListing, UpliftStudy
from experiments.uplift_learning import learn
from predictions import snapshots
from predictions.models import Prediction
from tests.experiments.factories import DAY, model, running
from tests.experiments.uplift_rows import QUICK, finished, people_of

BOSS = User(is_superuser=True)
pytestmark = pytest.mark.django_db
TODAY = DAY + dt.timedelta(days=40)
MONEY = {"treatment_cost": Decimal(5), "value_source": "fixed", "value": Decimal(100)}


def shop(*, n: int = 40, probability: str = "0.8", **values) -> UpliftStudy:
    """A study, and `n` customers who were scored today, every other one of the north."""
    found = learn(finished(**{**MONEY, **values}), as_of=TODAY, options=QUICK)
    people = Customer.objects.bulk_create(people_of(np.arange(n) % 2 == 0, prefix="N"))
    Prediction.objects.bulk_create(
        Prediction(
            customer=person,
            as_of=TODAY,
            model=model(),
            probability=Decimal(probability),
            risk_level="critical",
            lifecycle_stage="active",
            reasons=[],
        )
        for person in people
    )
    snapshots.ensure(as_of=TODAY)
    return found


def hold(customer: Customer, source: str = "experiment 99") -> None:
    Hold.objects.create(customer=customer, kind="control", source=source, since=TODAY)


def test_the_north_is_treated_in_order_and_the_south_is_left_alone():
    found = shop()
    made = uplift_lists.make(found, on=TODAY, budget=Decimal(1000))
    rows = list(UpliftListing.objects.filter(study=found))
    assert {row.customer.region for row in rows if row.place} == {"north"}
    assert {row.customer.region for row in rows if row.place is None} == {"south"}
    assert all(row.effect < 0 and row.arm is None for row in rows if row.place is None)
    assert (made.n_scored, made.n_listed, made.n_undisturbed, made.cost) == (40, 20, 20, Decimal(100))
    assert [row.net for row in rows if row.place] == sorted((row.net for row in rows if row.place), reverse=True)


def test_the_gain_is_effect_times_value_less_cost():
    found = shop()
    uplift_lists.make(found, on=TODAY, budget=Decimal(1000))
    for row in UpliftListing.objects.filter(place__isnull=False):
        assert float(row.net) == pytest.approx(row.effect * 100 - 5, abs=0.006)


def test_the_budget_ends_the_list():
    found = shop()
    assert uplift_lists.make(found, on=TODAY, budget=Decimal("17.50")).n_listed == 3


def test_a_held_customer_is_kept_off_and_the_next_one_takes_the_place():
    found = shop()
    uplift_lists.make(found, on=TODAY, budget=Decimal(15))
    first = UpliftListing.objects.get(place=1).customer
    hold(first)
    made = uplift_lists.make(found, on=TODAY, budget=Decimal(15))
    assert (made.n_listed, made.n_held) == (3, 1)
    assert not UpliftListing.objects.filter(customer=first).exists()
    assert list(Suppression.objects.values_list("customer", "outlet", "suppressed_on")) == [
        (first.pk, "experiments.uplift", TODAY)
    ]


def test_who_was_held_after_the_list_was_made_is_not_sent_out():
    found = shop()
    uplift_lists.make(found, on=TODAY, budget=Decimal(15))
    first, *others = uplift_lists.treatments(found, on=TODAY)
    hold(first.customer)
    response = uplift_lists.export(found, user=BOSS, on=TODAY, today=TODAY)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    sent = [row["customer_id"] for row in csv.DictReader(text.splitlines())]
    assert sent == [one.customer.customer_id for one in others]
    assert Suppression.objects.get().outlet == "experiments.uplift.csv"


def test_who_unsubscribed_since_the_list_was_made_is_not_sent_out():
    found = shop()
    uplift_lists.make(found, on=TODAY, budget=Decimal(15))
    first, *_others = uplift_lists.treatments(found, on=TODAY)
    Interaction.objects.create(
        interaction_id="I1", customer=first.customer, kind="unsubscribe", occurred_at=start_of(TODAY)
    )
    text = b"".join(uplift_lists.export(found, user=BOSS, on=TODAY, today=TODAY).streaming_content).decode()
    assert first.customer.customer_id not in text


def test_nobody_in_a_running_experiment_is_listed():
    found = shop()
    other = running()
    taken = Customer.objects.filter(customer_id__startswith="N", region="north").first()
    Assignment.objects.create(
        experiment=other,
        customer=taken,
        arm=other.arms.get(name="coupon"),
        u=0.5,
        enrolled_on=TODAY,
        probability=Decimal("0.8"),
        risk_level="critical",
        model=model(),
        layer=other.layer,
    )
    uplift_lists.make(found, on=TODAY, budget=Decimal(1000))
    assert not UpliftListing.objects.filter(customer=taken).exists()


def test_only_those_whom_the_experiment_was_about_are_listed():
    found = shop(probability="0.4")
    with pytest.raises(Refused, match="meets the experiment's filter"):
        uplift_lists.make(found, on=TODAY, budget=Decimal(1000))


def test_making_it_again_makes_the_same_list():
    found = shop()
    lists = []
    for _again in range(2):
        uplift_lists.make(found, on=TODAY, budget=Decimal(50))
        lists.append(list(UpliftListing.objects.values_list("customer", "place", "net")))
    assert lists[0] == lists[1]


def test_the_daily_job_makes_those_with_a_budget():
    found = shop()
    assert uplift_lists.make_all(on=TODAY) == {"listed": 0, "experiments": [], "failed": []}
    UpliftStudy.objects.filter(pk=found.pk).update(daily_budget=Decimal(25))
    assert uplift_lists.make_all(on=TODAY)["listed"] == 5


def test_a_list_that_fails_is_told_and_a_day_without_candidates_is_none(data_dir):
    found = shop(n=2)
    UpliftStudy.objects.filter(pk=found.pk).update(daily_budget=Decimal(25))
    assert uplift_lists.make_all(on=TODAY + dt.timedelta(days=1))["failed"] == []
    (data_dir / found.path / "uplift.json").unlink()
    (told,) = uplift_lists.make_all(on=TODAY)["failed"]
    assert "cannot be read" in told["error"]


def test_without_a_signal_there_is_no_list_and_no_budget():
    found = learn(finished(n=60), as_of=TODAY, options=QUICK)
    with pytest.raises(Refused, match="has no signal"):
        uplift_lists.make(found, on=TODAY, budget=Decimal(10))
    with pytest.raises(IntegrityError), transaction.atomic():
        UpliftStudy.objects.filter(pk=found.pk).update(daily_budget=Decimal(10))


def test_a_list_needs_a_budget_and_whole_files(data_dir):
    found = shop(n=2)
    with pytest.raises(Refused, match="Name a budget"):
        uplift_lists.make(found, on=TODAY)
    (data_dir / found.path / "uplift.json").unlink()
    with pytest.raises(Refused, match="cannot be read"):
        uplift_lists.make(found, on=TODAY, budget=Decimal(10))
