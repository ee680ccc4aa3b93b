"""Who is enrolled, into which arm, once, and what holds the control group back."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from io import StringIO

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from customers.commands import Advance, Refused
from customers.models import Customer, Hold, Interaction
from experiments import enrolment, entrants, sets, states, strata
from experiments.assignment import arm_at, draw
from experiments.eligibility import eligible
from experiments.models import Assignment, Condition, Experiment
from predictions import snapshots
from predictions.models import Prediction
from tests.experiments.factories import DAY, draft, running, scored

pytestmark = pytest.mark.django_db
NEXT = DAY + dt.timedelta(days=1)


def enrolled(experiment: Experiment) -> dict[str, str]:
    """The arm of each customer who is in."""
    rows = Assignment.objects.filter(experiment=experiment).values_list("customer__customer_id", "arm__name")
    return dict(rows)


def who(experiment: Experiment, as_of: dt.date = DAY) -> list[str]:
    """The customers who are eligible."""
    rows = eligible(experiment, as_of=as_of).values_list("customer__customer_id", flat=True)
    return sorted(rows)


def test_everybody_eligible_is_enrolled_into_the_arm_of_the_draw():
    scored([0.9] * 300)
    experiment = running(shares={"control": "0.3", "coupon": "0.3", "call": "0.4"})
    done = enrolment.enrol(experiment, as_of=DAY)
    shares = [Decimal(share) for share in ("0.3", "0.3", "0.4")]
    names = ("control", "coupon", "call")
    expected = {f"C{n:05d}": names[arm_at(draw(experiment.salt, f"C{n:05d}"), shares)] for n in range(300)}
    assert enrolled(experiment) == expected
    assert (done.n_new, done.arms) == (300, dict(Counter(expected.values())))


def test_an_assignment_keeps_what_was_known_when_it_was_drawn():
    scored([0.9], customer_type="gold")
    experiment = running()
    enrolment.enrol(experiment, as_of=DAY)
    one = Assignment.objects.get()
    assert (one.enrolled_on, one.probability, one.risk_level, one.customer_type, one.model.version) == (
        *(DAY, Decimal("0.9"), "critical", "gold", "m1"),
    )
    assert (one.u, one.layer, one.stratum, one.is_current, one.monthly_value) == (
        *(draw(experiment.salt, "C00000"), "retention", "", True, None),
    )


def test_the_monthly_value_is_that_of_the_days_features(monkeypatch):
    keys = [row.customer_id for row in scored([0.9] * 3)]
    frame = pl.DataFrame({"customer_pk": [keys[2], keys[0]], "avg_monthly_value": [None, 12.345]})
    monkeypatch.setattr(snapshots, "read", lambda **_options: frame)
    enrolment.enrol(running(), as_of=DAY)
    values = Assignment.objects.order_by("customer").values_list("monthly_value", flat=True)
    assert list(values) == [Decimal("12.35"), None, None] or list(values) == [Decimal("12.34"), None, None]


@pytest.mark.parametrize("is_stratified", [False, True])
def test_a_second_time_enrols_nobody_and_changes_nothing(is_stratified):
    scored([0.9] * 50)
    experiment = running(is_stratified=is_stratified)
    first = enrolment.enrol(experiment, as_of=DAY)
    before = list(Assignment.objects.order_by("pk").values())
    second = enrolment.enrol(experiment, as_of=DAY)
    assert (first.n_new, second.n_new, first.arms) == (50, 0, second.arms)
    assert list(Assignment.objects.order_by("pk").values()) == before


def test_the_next_day_enrols_only_who_is_new():
    scored([0.9] * 20)
    experiment = running()
    enrolment.enrol(experiment, as_of=DAY)
    scored([0.9] * 25, as_of=NEXT)
    assert enrolment.enrol(experiment, as_of=NEXT).n_new == 5
    assert Assignment.objects.filter(enrolled_on=NEXT).count() == 5


def test_the_size_of_a_batch_changes_nothing(monkeypatch):
    scored([0.9] * 60)
    experiment = running()
    monkeypatch.setattr(sets, "BATCH", 7)
    monkeypatch.setattr(sets.batches, "__defaults__", (7,))
    enrolment.enrol(experiment, as_of=DAY)
    expected = {f"C{n:05d}": "control" if draw(experiment.salt, f"C{n:05d}") < 0.1 else "coupon" for n in range(60)}
    assert enrolled(experiment) == expected


def test_the_control_group_is_held_from_its_first_day_to_its_last():
    scored([0.9] * 100)
    experiment = running(observation_days=14, shares={"control": "0.5", "coupon": "0.5"})
    enrolment.enrol(experiment, as_of=DAY)
    control = {customer for customer, arm in enrolled(experiment).items() if arm == "control"}
    held = Hold.objects.values_list("customer__customer_id", "kind", "source", "since", "until", "reason")
    facts = ("control", experiment.source, DAY, DAY + dt.timedelta(days=14), experiment.name)
    assert {row[0]: row[1:] for row in held} == dict.fromkeys(control, facts)


def test_a_failure_leaves_neither_assignments_nor_holds(monkeypatch):
    scored([0.9] * 50)
    experiment = running()
    monkeypatch.setattr(enrolment, "_hold_controls", lambda *_arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enrolment.enrol(experiment, as_of=DAY)
    assert not Assignment.objects.exists()


def test_changing_a_share_never_moves_a_customer_who_is_in():
    scored([0.9] * 100)
    experiment = running()
    enrolment.enrol(experiment, as_of=DAY)
    before = enrolled(experiment)
    with pytest.raises(IntegrityError), transaction.atomic():
        experiment.arms.update(share=Decimal("0.5"))
    on = " ON experiments_arm" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:  # as somebody would who may do anything to the database
        cursor.execute(f"DROP TRIGGER arm_update_locked{on}")
    experiment.arms.update(share=Decimal("0.5"))
    scored([0.9] * 200, as_of=NEXT)
    enrolment.enrol(experiment, as_of=NEXT)
    after = enrolled(experiment)
    assert {customer: after[customer] for customer in before} == before
    assert len(after) == 200
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.update(arm=experiment.arms.get(is_control=True))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["C00002", "C00003"]),
        ({"min_probability": None}, ["C00000", "C00001", "C00002", "C00003"]),
        ({"min_probability": None, "risk_levels": ["high", "low"]}, ["C00000", "C00001"]),
        ({"min_probability": Decimal("0.9")}, ["C00003"]),
    ],
)
def test_probability_and_risk_levels_say_who_is_eligible(options, expected):
    scored([0.2, 0.6, 0.7, 0.95])
    assert who(running(**options)) == expected


def test_conditions_say_who_is_eligible_and_all_must_be_met():
    scored([0.9] * 2, prefix="N", region="north", vip_level=3)
    scored([0.9] * 2, prefix="S", region="south", vip_level=3)
    scored([0.9] * 2, prefix="L", region="north")
    experiment = draft()
    Condition.objects.create(experiment=experiment, attribute="region", operator="not_in", values=["south"])
    Condition.objects.create(experiment=experiment, attribute="vip_level", operator="at_least", values=[2])
    states.start(experiment, user=None, on=DAY)
    assert who(experiment) == ["N00000", "N00001"]


@pytest.mark.parametrize("kind", ["opt_out", "unsubscribed", "control"])
def test_whoever_is_held_on_that_date_is_not_enrolled(kind):
    first, second, third = (row.customer for row in scored([0.9] * 3))
    Hold.objects.create(customer=first, kind=kind, source="x", since=DAY)
    Hold.objects.create(customer=second, kind=kind, source="x", since=NEXT)
    Hold.objects.create(customer=third, kind=kind, source="x", since=DAY - dt.timedelta(days=9), until=DAY)
    assert who(running()) == [second.customer_id, third.customer_id]


def test_an_unsubscribe_that_came_in_keeps_a_customer_out():
    customer = scored([0.9] * 3)[0].customer
    at = dt.datetime.combine(DAY, dt.time(), tzinfo=dt.UTC) - dt.timedelta(days=2)
    Interaction.objects.create(interaction_id="I1", customer=customer, occurred_at=at, kind="unsubscribe")
    experiment = running()
    enrolment.enrol(experiment, as_of=DAY)
    assert set(enrolled(experiment)) == {"C00001", "C00002"}


def test_a_customer_is_in_one_running_experiment_of_a_layer_at_a_time():
    scored([0.9] * 40)
    shares = {"control": "0.01", "coupon": "0.99"}
    first, same_layer, other_layer = (running(layer=layer, shares=shares) for layer in ("a", "a", "b"))
    enrolment.enrol(first, as_of=DAY)
    free = set(enrolled(first)) - {name for name, arm in enrolled(first).items() if arm == "control"}
    assert (len(enrolled(first)), who(same_layer), set(who(other_layer))) == (40, [], free)
    states.complete(first, user=None, on=NEXT)
    assert set(who(same_layer)) == free, "its end frees the layer, and its control group stays held"
    assert who(first) == [], "nobody is enrolled in an experiment twice"


@pytest.mark.parametrize("state", ["draft", "stopped", "completed"])
def test_only_a_running_experiment_enrols(state):
    scored([0.9])
    experiment = draft() if state == "draft" else running()
    if state != "draft":
        move = states.stop if state == "stopped" else states.complete
        move(experiment, user=None, on=DAY, reason="Enough.")
    with pytest.raises(Refused, match=f"is {state}; customers are enrolled only while it is running"):
        enrolment.enrol(experiment, as_of=DAY)
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(("as_of", "works"), [(-1, False), (0, True), (5, True), (6, False)])
def test_enrolment_lies_between_the_start_and_the_end(as_of, works):
    day = DAY + dt.timedelta(days=as_of)
    scored([0.9], as_of=day)
    experiment = running(ends_on=DAY + dt.timedelta(days=5))
    if works:
        assert enrolment.enrol(experiment, as_of=day).n_new == 1
    else:
        with pytest.raises(Refused, match=r"enrols from 2026-03-02 to 2026-03-07; .* lies outside"):
            enrolment.enrol(experiment, as_of=day)


def test_nobody_is_enrolled_for_a_date_before_it_was_started():
    scored([0.9])
    experiment = running(on=NEXT)
    with pytest.raises(Refused, match="lies outside"):
        enrolment.enrol(experiment, as_of=DAY)
    assert enrolment.enrol_all(as_of=DAY)["experiments"] == []


def test_without_scores_of_that_day_enrolment_is_refused_in_a_sentence():
    experiment = running()
    with pytest.raises(Refused, match="Nobody was scored as of 2026-03-02"):
        enrolment.enrol(experiment, as_of=DAY)
    assert enrolment.enrol_all(as_of=DAY) == {"enrolled": 0, "experiments": [], "failed": []}


def test_all_running_experiments_enrol_the_first_started_first():
    scored([0.9] * 30)
    later, earlier = running(on=DAY), running(on=DAY - dt.timedelta(days=1))
    done = enrolment.enrol_all(as_of=DAY)
    assert [(one["experiment"], one["n_new"]) for one in done["experiments"]] == [(earlier.name, 30), (later.name, 0)]
    assert done["enrolled"] == 30


def test_an_experiment_that_fails_is_told_and_the_others_enrol(monkeypatch):
    scored([0.9])
    broken, whole = running(layer="one"), running(layer="two")
    enrol = enrolment._enrol

    def failing(experiment, *arguments):
        if experiment.pk == broken.pk:
            raise ValueError("out of luck")
        return enrol(experiment, *arguments)

    monkeypatch.setattr(enrolment, "_enrol", failing)
    done = enrolment.enrol_all(as_of=DAY)
    assert [one["experiment"] for one in done["experiments"]] == [whole.name]
    assert done["failed"] == [{"experiment": broken.pk, "name": broken.name, "error": "ValueError: out of luck"}]


def test_strata_are_cut_to_the_exact_shares_in_the_order_of_the_draw():
    scored([0.9] * 40, prefix="G", customer_type="gold")
    scored([0.75] * 30, prefix="B", customer_type="blue")
    experiment = running(is_stratified=True, shares={"control": "0.1", "coupon": "0.9"})
    enrolment.enrol(experiment, as_of=DAY)
    for stratum, n in (("critical · gold", 4), ("critical · blue", 3)):
        rows = list(Assignment.objects.filter(stratum=stratum).order_by("u").values_list("arm__is_control", flat=True))
        assert rows == [True] * n + [False] * (len(rows) - n)


def test_a_stratum_of_one_customer_a_day_comes_to_its_shares():
    experiment = running(is_stratified=True, shares={"control": "0.2", "coupon": "0.8"}, strata=["risk_level"])
    for number in range(20):
        day = DAY + dt.timedelta(days=number)
        scored([0.9], as_of=day, prefix=f"D{number}-")
        enrolment.enrol(experiment, as_of=day)
    assert Counter(enrolled(experiment).values()) == {"control": 4, "coupon": 16}


def test_a_customer_without_a_type_is_in_a_stratum_too():
    scored([0.9] * 10)
    experiment = running(is_stratified=True)
    enrolment.enrol(experiment, as_of=DAY)
    assert Counter(enrolled(experiment).values()) == {"control": 1, "coupon": 9}


def test_the_number_of_queries_does_not_grow_with_the_customers(django_assert_max_num_queries):
    scored([0.9] * 600)
    for is_stratified in (False, True):
        experiment = running(is_stratified=is_stratified, layer=str(is_stratified))
        with django_assert_max_num_queries(40):
            enrolment.enrol(experiment, as_of=DAY)


def test_the_command_enrols_one_experiment_or_all_and_tells_in_json():
    scored([0.9] * 10)
    experiment = running(name="Coupon")
    out = StringIO()
    call_command("enrol", "--experiment", "Coupon", "--as-of", str(DAY), "--json", stdout=out)
    assert '"enrolled": 10' in out.getvalue()
    out = StringIO()
    call_command("enrol", "--as-of", str(DAY), stdout=out)
    assert "Coupon: 0 customers enrolled as of 2026-03-02" in out.getvalue()
    assert Assignment.objects.filter(experiment=experiment).count() == 10


def test_the_command_refuses_an_unknown_experiment_in_a_sentence():
    with pytest.raises(CommandError, match="There is no experiment “Nobody”"):
        call_command("enrol", "--experiment", "Nobody", "--as-of", str(DAY))


def test_who_came_after_the_strata_were_settled_waits():
    scored([0.9] * 10)
    experiment = running(is_stratified=True)
    split = strata.Split(experiment, as_of=DAY, arms=list(experiment.arms.all()))
    scored([0.9], prefix="A")
    people = [one for batch in entrants.entrants(experiment, as_of=DAY) for one in batch]
    assert [arm is None for arm in split(people)] == [False] * 10 + [True]


def test_customers_who_were_not_scored_are_not_eligible():
    scored([0.9])
    Customer.objects.create(customer_id="X", registered_on=DAY)
    assert who(running()) == ["C00000"]
    assert Prediction.objects.count() == 1
    assert Assignment._meta.get_field("stratum").max_length == entrants.LONGEST_STRATUM


def test_progress_counts_those_who_are_drawn():
    scored([0.9] * 5)
    told = []

    class Noted(Advance):
        def __call__(self, label, done, total=None):
            told.append(done)

    enrolment.enrol(running(), as_of=DAY, advance=Noted())
    assert told == [5]
