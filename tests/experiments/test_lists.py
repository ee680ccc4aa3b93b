"""Whose turn it is, who becomes a ghost, and who is never on a list."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.contrib.auth.models import User

from customers.clock import start_of
from customers.commands import Refused
from customers.models import AuditEntry, Hold, Interaction, Suppression
from customers.spreadsheet import Format
from experiments import enrolment, lists, states
from experiments.assignment import turn_draw
from experiments.models import Assignment, Experiment, Listing
from tests.experiments.factories import DAY, draft, running, scored

BOSS = User(is_superuser=True)
pytestmark = pytest.mark.django_db
NEXT = DAY + dt.timedelta(days=1)
HALVES = {"control": "0.5", "coupon": "0.5"}


def under_way(n: int = 60, *, probabilities=None, **options) -> Experiment:
    """A running experiment into which customers were enrolled on DAY."""
    scored(probabilities or [0.9] * n)
    experiment = running(**{"shares": HALVES, **options})
    enrolment.enrol(experiment, as_of=DAY)
    return experiment


def of_arm(experiment: Experiment, name: str) -> set[int]:
    return set(Assignment.objects.filter(experiment=experiment, arm__name=name).values_list("pk", flat=True))


def listed(*, is_ghost: bool, on: dt.date = DAY) -> set[int]:
    return set(Listing.objects.filter(is_ghost=is_ghost, listed_on=on).values_list("pk", flat=True))


def hold(assignment: Assignment, **values) -> None:
    facts = {"kind": "opt_out", "source": "opt-out", "since": DAY}
    Hold.objects.create(customer=assignment.customer, **{**facts, **values})


def text(response) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_without_a_bound_everybody_enrolled_is_listed_that_day_and_controls_are_ghosts():
    experiment = under_way()
    made = lists.make(experiment, on=DAY)
    assert listed(is_ghost=False) == of_arm(experiment, "coupon")
    assert listed(is_ghost=True) == of_arm(experiment, "control")
    assert (made.n_new, made.arms, made.n_ghosts) == (
        *(60, {"coupon": len(of_arm(experiment, "coupon"))}, len(of_arm(experiment, "control"))),
    )


def test_making_a_list_twice_changes_nothing():
    experiment = under_way(daily_capacity=10)
    first = lists.make(experiment, on=DAY)
    before = list(Listing.objects.order_by("pk").values())
    second = lists.make(experiment, on=DAY)
    assert list(Listing.objects.order_by("pk").values()) == before
    assert (first.arms, first.n_ghosts, second.n_new) == (second.arms, second.n_ghosts, 0)


def test_with_a_bound_those_at_highest_risk_have_their_turn_first_in_every_arm():
    probabilities = [round(0.7 + n / 200, 3) for n in range(60)]
    experiment = under_way(probabilities=probabilities, daily_capacity=10)
    lists.make(experiment, on=DAY)
    line = list(Assignment.objects.order_by("-probability"))
    treated = [one for one in line if one.pk in of_arm(experiment, "coupon")][:10]
    passed = line[: line.index(treated[-1])]
    assert listed(is_ghost=False) == {one.pk for one in treated}
    assert listed(is_ghost=True) == {one.pk for one in passed} - {one.pk for one in treated}


def test_equal_probabilities_have_their_turn_by_a_draw_of_their_own():
    experiment = under_way(daily_capacity=10)
    lists.make(experiment, on=DAY)
    line = sorted(Assignment.objects.all(), key=lambda one: turn_draw(experiment.salt, one.customer.customer_id))
    treated = [one for one in line if one.pk in of_arm(experiment, "coupon")][:10]
    assert listed(is_ghost=False) == {one.pk for one in treated}
    n_passed = line.index(treated[-1]) + 1
    assert len(listed(is_ghost=True)) == n_passed - 10 < len(of_arm(experiment, "control"))


def test_who_was_not_reached_waits_for_the_next_day():
    experiment = under_way(daily_capacity=10)
    lists.make(experiment, on=DAY)
    lists.make(experiment, on=NEXT)
    assert len(listed(is_ghost=False)) == len(listed(is_ghost=False, on=NEXT)) == 10
    assert not listed(is_ghost=False) & listed(is_ghost=False, on=NEXT)


def test_who_waited_until_the_observation_days_are_over_is_listed_no_more():
    experiment = under_way(daily_capacity=1)
    assert lists.make(experiment, on=DAY + dt.timedelta(days=6)).n_new > 0
    assert lists.make(experiment, on=DAY + dt.timedelta(days=7)).n_new == 0


def test_a_customer_who_opted_out_after_enrolling_is_neither_listed_nor_a_ghost():
    experiment = under_way()
    treated, control = (Assignment.objects.filter(arm__name=arm).first() for arm in ("coupon", "control"))
    hold(treated)
    hold(control)
    lists.make(experiment, on=DAY)
    assert not {treated.pk, control.pk} & set(Listing.objects.values_list("pk", flat=True))
    kept_off = Suppression.objects.get(customer=treated.customer)
    assert (kept_off.kind, kept_off.outlet, kept_off.suppressed_on) == ("opt_out", lists.OUTLET, DAY)


def test_a_customer_whose_hold_ended_in_time_has_a_turn_after_all():
    experiment = under_way()
    treated = Assignment.objects.filter(arm__name="coupon").first()
    hold(treated, until=NEXT)
    lists.make(experiment, on=DAY)
    lists.make(experiment, on=NEXT)
    assert listed(is_ghost=False, on=NEXT) == {treated.pk}


def test_each_ghost_is_recorded_as_kept_off_by_its_experiment():
    experiment = under_way(daily_capacity=10)
    lists.make(experiment, on=DAY)
    ghosts = set(Assignment.objects.filter(listing__is_ghost=True).values_list("customer", flat=True))
    rows = Suppression.objects.values_list("customer", "kind", "source", "outlet", "suppressed_on")
    assert set(rows) == {(ghost, "control", experiment.source, lists.OUTLET, DAY) for ghost in ghosts}


def test_a_held_customer_who_was_far_from_a_turn_was_not_kept_off():
    probabilities = [round(0.7 + n / 200, 3) for n in range(60)]
    experiment = under_way(probabilities=probabilities, daily_capacity=2)
    treated = Assignment.objects.filter(arm__name="coupon").order_by("probability")
    hold(treated.first())
    hold(treated.last())
    lists.make(experiment, on=DAY)
    kept_off = Suppression.objects.filter(kind="opt_out").values_list("customer", flat=True)
    assert list(kept_off) == [treated.last().customer_id]


def test_ghosts_are_drawn_for_every_treated_arm():
    experiment = under_way(200, shares={"control": "0.5", "coupon": "0.25", "call": "0.25"})
    lists.make(experiment, on=DAY)
    for name in ("coupon", "call"):
        n_ghosts = Listing.objects.filter(is_ghost=True, arm__name=name).count()
        assert n_ghosts > 20
        assert Listing.objects.filter(is_ghost=False, arm__name=name).count() == len(of_arm(experiment, name))


@pytest.mark.parametrize("state", ["draft", "stopped", "completed"])
def test_only_a_running_experiment_makes_lists(state):
    experiment = draft() if state == "draft" else under_way()
    if state != "draft":
        move = states.stop if state == "stopped" else states.complete
        move(experiment, user=None, on=DAY, reason="Enough.")
    with pytest.raises(Refused, match=f"is {state}; lists are made only while it is running"):
        lists.make(experiment, on=DAY)
    assert not Listing.objects.exists()


def test_the_lists_of_all_running_experiments_are_made():
    experiment = under_way()
    done = lists.make_all(on=DAY)
    assert (done["listed"], [one["experiment"] for one in done["experiments"]]) == (60, [experiment.name])


def test_the_treatments_are_the_listed_and_never_a_control_customer():
    experiment = under_way()
    lists.make(experiment, on=DAY)
    assert {one.pk for one in lists.treatments(experiment, on=DAY)} == of_arm(experiment, "coupon")
    assert not lists.treatments(experiment, on=NEXT).exists()
    assert {one.pk for one in lists.treatments(experiment, today=NEXT)} == of_arm(experiment, "coupon")


def test_the_days_with_a_list_are_those_on_which_somebody_is_still_watched():
    experiment = under_way(daily_capacity=10)
    for day in (DAY, NEXT):
        lists.make(experiment, on=day)
    assert lists.days(experiment, today=NEXT) == [NEXT, DAY]
    assert lists.days(experiment, today=DAY + dt.timedelta(days=7)) == []
    states.complete(experiment, user=None, on=NEXT)
    assert lists.days(Experiment.objects.get(pk=experiment.pk), today=NEXT) == []


def test_treatments_handed_out_later_leave_out_who_opted_out_since():
    experiment = under_way()
    lists.make(experiment, on=DAY)
    treated = Assignment.objects.filter(arm__name="coupon").first()
    hold(treated, since=NEXT)
    assert lists.treatments(experiment, on=DAY).filter(pk=treated.pk).exists()
    assert not lists.treatments(experiment, on=DAY, today=NEXT).filter(pk=treated.pk).exists()


def test_who_unsubscribed_since_the_list_was_made_is_not_handed_out():
    experiment = under_way()
    lists.make(experiment, on=DAY)
    one = lists.treatments(experiment, on=DAY).first()
    Interaction.objects.create(
        interaction_id="I1", customer=one.customer, kind="unsubscribe", occurred_at=start_of(DAY)
    )
    assert one.customer.customer_id not in text(lists.export(experiment, user=BOSS, on=DAY))


def test_nobody_is_to_be_treated_once_the_days_are_over_or_the_experiment_has_ended():
    experiment = under_way()
    lists.make(experiment, on=DAY)
    assert not lists.treatments(experiment, on=DAY, today=DAY + dt.timedelta(days=7)).exists()
    states.stop(experiment, user=None, on=DAY, reason="Coupons ran out.")
    assert not lists.treatments(experiment, on=DAY).exists()
    assert len(text(lists.export(experiment, user=BOSS, on=DAY)).splitlines()) == 1


def test_the_export_has_the_treatments_alone_with_formulas_defused_and_records_who_was_kept_off():
    scored([0.9] * 30, name="=1+1")
    experiment = running(shares=HALVES, name="Coupon")
    enrolment.enrol(experiment, as_of=DAY)
    lists.make(experiment, on=DAY)
    rows = list(csv.DictReader(io.StringIO(text(lists.export(experiment, user=BOSS, on=DAY)))))
    treated = Assignment.objects.filter(arm__name="coupon").values_list("customer__customer_id", flat=True)
    assert {row["customer_id"] for row in rows} == set(treated)
    assert {(row["name"], row["arm"], row["measure"], row["listed_on"]) for row in rows} == {
        ("'=1+1", "coupon", "Send a coupon", "2026-03-02")
    }
    assert Suppression.objects.filter(outlet=lists.EXPORT).count() == 30 - len(rows)


def test_the_export_as_excel_has_the_same_rows_and_is_noted():
    scored([0.9] * 30, name="=1+1")
    experiment = running(shares=HALVES, name="Coupon")
    enrolment.enrol(experiment, as_of=DAY)
    lists.make(experiment, on=DAY)
    plain = list(csv.reader(io.StringIO(text(lists.export(experiment, user=BOSS, on=DAY)).lstrip("\ufeff"))))
    made = b"".join(lists.export(experiment, user=BOSS, on=DAY, kind=Format.XLSX).streaming_content)
    (sheet,) = openpyxl.load_workbook(io.BytesIO(made)).worksheets
    cells = list(sheet.iter_rows())
    assert [cell.value for cell in cells[0]] == plain[0]
    assert [row[0].value for row in cells[1:]] == [row[0] for row in plain[1:]]
    assert {(row[1].data_type, row[1].value) for row in cells[1:]} == {("s", "'=1+1")}
    noted = AuditEntry.objects.filter(event="export").values_list("after__format", "after__rows")
    assert set(noted) == {("csv", len(plain) - 1), ("xlsx", len(plain) - 1)}


def test_names_are_masked_for_those_without_the_right():
    scored([0.9] * 8, name="Ada")
    experiment = running(shares=HALVES)
    enrolment.enrol(experiment, as_of=DAY)
    lists.make(experiment, on=DAY)
    clerk = User.objects.create_user("clerk")
    assert "Ada" in text(lists.export(experiment, user=BOSS, on=DAY))
    assert "Ada" not in text(lists.export(experiment, user=clerk, on=DAY))
