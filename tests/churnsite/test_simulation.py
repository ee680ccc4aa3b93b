"""An experiment from its first day to its last through the real code, where the truth is known."""

import json

import pytest
from django.core.management import CommandError, call_command

from churnsite.simulation import Simulation
from customers.models import Customer, Hold, Intervention, Suppression
from experiments.models import Assignment, Experiment, Listing, Outcome

OPTIONS = ("--customers", "600", "--days", "4", "--control", "0.3", "--keeps", "0.9", "--json")


def simulated(capsys, *options):
    call_command("simulate_experiment", *options)
    return json.loads(capsys.readouterr().out)


def test_the_analysis_finds_the_truth_and_a_second_run_tells_the_same(db, capsys):
    found = simulated(capsys, *OPTIONS)
    experiment = Experiment.objects.get()
    low, high = found["found"]["difference_ci"]
    assert found["truth"]["effect"] > 0.2
    assert low <= found["truth"]["effect"] <= high
    assert found["covers"]
    assert found["verdict"]["code"] == "effective"
    assert experiment.state == "completed"
    assert experiment.finalised_at is not None
    assert experiment.salt == Simulation().salt, "the seed decides who is in the control group, or a rerun could differ"

    control = Assignment.objects.filter(arm__is_control=True)
    assert control.exists()
    assert not Intervention.objects.filter(customer__assignments__in=control).exists()
    assert (
        Hold.objects.filter(kind="control").count() == control.count() == Listing.objects.filter(is_ghost=True).count()
    )
    assert set(Suppression.objects.values_list("customer", flat=True)) <= set(
        control.values_list("customer", flat=True)
    )
    assert Outcome.objects.count() == Assignment.objects.count() == found["enrolled"]

    n_treated = Intervention.objects.count()
    assert simulated(capsys, *OPTIONS) == found
    assert Intervention.objects.count() == n_treated


def test_it_leaves_a_database_with_other_customers_alone(db):
    Customer.objects.create(customer_id="somebody else", registered_on="2020-01-01")
    with pytest.raises(CommandError, match="somebody else"):
        call_command("simulate_experiment")
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("wrong", [("--keeps", "1.5"), ("--customers", "10"), ("--control", "0"), ("--days", "many")])
def test_numbers_that_cannot_be_are_wrong_usage(db, wrong):
    with pytest.raises(CommandError, match="Error: argument"):
        call_command("simulate_experiment", *wrong)
