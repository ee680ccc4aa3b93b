"""Draw the eligible customers of a date into the arms of an experiment, and hold its control group back.

One transaction: the assignments and the holds of the control group are there together or not at all. Enrolments are one
after the other, so that two at once leave the same rows as one; where that failed, the table's constraints would still
let nobody in twice. The rows go through in batches, in the order of the customers' keys.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from customers import unsubscribed
from customers.alone import take_turn
from customers.clock import business_date
from customers.commands import Advance, Refused
from customers.models import Hold
from customers.sentences import gettext as _
from experiments import sets
from experiments.assignment import arm_at
from experiments.each import each
from experiments.entrants import Entrant, entrants
from experiments.models import Arm, Assignment, Experiment
from experiments.strata import Split
from predictions import snapshots
from predictions.models import FeatureSnapshot, Prediction
from predictions.value import MONTHLY_VALUE

__all__ = ["Enrolled", "check", "enrol", "enrol_all", "last_scored"]

COLUMNS = (
    *("experiment_id", "customer_id", "arm_id", "u", "enrolled_on", "probability", "risk_level", "customer_type"),
    *("model_id", "monthly_value", "stratum", "layer", "is_current"),
)


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """What an enrolment did: how many came in new, and how many of each arm were enrolled on that date in all."""

    experiment: str
    as_of: dt.date
    n_new: int
    arms: dict[str, int]


def enrol(experiment: Experiment, *, as_of: dt.date, advance: Advance | None = None) -> Enrolled:
    """Enrol everybody who is eligible on `as_of`; a second time finds nobody.

    Raises Refused unless the experiment is running, the date lies within it, and customers were scored as of that date.
    """
    _check_scored(as_of)
    unsubscribed.note()
    return _enrol(experiment, as_of, advance or Advance())


def check(experiment: Experiment, *, as_of: dt.date) -> None:
    """Raise Refused where `enrol` would."""
    _check_scored(as_of)
    _check(experiment, as_of)


def last_scored() -> dt.date:
    """The latest date until today that has scores; today where none has."""
    days = Prediction.objects.filter(as_of__lte=business_date()).order_by("-as_of")
    return days.values_list("as_of", flat=True).first() or business_date()


def enrol_all(*, as_of: dt.date, advance: Advance | None = None) -> dict[str, Any]:
    """Enrol for every running experiment that `as_of` lies in; nothing to do where nobody was scored as of it.

    Those that were started first choose first; one that fails is told and does not stop the others.
    """
    unsubscribed.note()
    running = Experiment.objects.filter(state=Experiment.State.RUNNING).order_by("started_on", "pk")
    if not Prediction.objects.filter(as_of=as_of).exists():
        running = running.none()
    open_ = running.filter(starts_on__lte=as_of, ends_on__gte=as_of, started_on__lte=as_of)
    done, failed = each(open_, lambda one: _enrol(one, as_of, advance or Advance()))
    told = [asdict(one) for one in done.values()]
    return {"enrolled": sum(one.n_new for one in done.values()), "experiments": told, "failed": failed}


def _enrol(experiment: Experiment, as_of: dt.date, advance: Advance) -> Enrolled:
    with transaction.atomic():
        take_turn("experiments.enrolment")  # so that each sees whom the one before it took
        row = Experiment.objects.select_for_update().get(pk=experiment.pk)
        _check(row, as_of)
        # Scoring again waits until its day's customers are in.
        FeatureSnapshot.objects.select_for_update().filter(as_of=as_of).first()
        before = _n_by_arm(row, as_of)
        with sets.into(Assignment, COLUMNS) as write:
            n_drawn = 0
            for batch in _drawn(row, as_of):
                write(batch)
                n_drawn += len(batch)
                advance(_("Enrolling"), n_drawn)
        _hold_controls(row, as_of)
        arms = _n_by_arm(row, as_of)
    n_new = sum(arms.values()) - sum(before.values())
    return Enrolled(experiment=row.name, as_of=as_of, n_new=n_new, arms=arms)


def _check_scored(as_of: dt.date) -> None:
    if not Prediction.objects.filter(as_of=as_of).exists():
        raise Refused(_("Nobody was scored as of %(day)s; enrolment rests on the scores of its day.") % {"day": as_of})


def _check(experiment: Experiment, as_of: dt.date) -> None:
    facts = {"name": experiment.name, "day": as_of, "state": experiment.get_state_display()}
    if experiment.state != Experiment.State.RUNNING:
        raise Refused(_("“%(name)s” is %(state)s; customers are enrolled only while it is running.") % facts)
    first = max(experiment.starts_on, experiment.started_on or experiment.starts_on)
    if not first <= as_of <= experiment.ends_on:
        facts |= {"first": first, "last": experiment.ends_on}
        raise Refused(_("“%(name)s” enrols from %(first)s to %(last)s; %(day)s lies outside.") % facts)


def _drawn(experiment: Experiment, as_of: dt.date) -> Iterator[sets.Rows]:
    """The assignments to be made, batch by batch."""
    arms = list(experiment.arms.all())
    place = _placing(experiment, as_of, arms)
    value_of = _monthly_values(as_of)
    for people in entrants(experiment, as_of=as_of):
        yield [
            (
                *(experiment.pk, one.customer, arms[arm].pk, one.u, as_of, one.probability, one.risk_level),
                *(one.customer_type, one.model, value, one.stratum, experiment.layer, True),
            )
            for one, arm, value in zip(people, place(people), value_of(people), strict=True)
            if arm is not None
        ]


def _placing(experiment: Experiment, as_of: dt.date, arms: Sequence[Arm]) -> Callable[[Sequence[Entrant]], Any]:
    """What gives each customer the position of an arm."""
    if experiment.is_stratified:
        return Split(experiment, as_of=as_of, arms=arms)
    shares = [arm.share for arm in arms]
    return lambda people: [arm_at(one.u, shares) for one in people]


def _monthly_values(as_of: dt.date) -> Callable[[Sequence[Entrant]], list[Decimal | None]]:
    """What gives each customer's average monthly value of the day's features; None where there are none."""
    try:
        frame = snapshots.read(as_of=as_of, columns=("customer_pk", MONTHLY_VALUE), eligible_only=True)
    except Refused:
        return lambda people: [None] * len(people)
    known = frame.drop_nulls().sort("customer_pk")
    keys, values = known["customer_pk"].to_numpy(), known[MONTHLY_VALUE].to_numpy()
    return lambda people: _looked_up(keys, values, people)


def _looked_up(keys: np.ndarray, values: np.ndarray, people: Sequence[Entrant]) -> list[Decimal | None]:
    wanted = np.array([one.customer for one in people], dtype=np.int64)
    at = np.searchsorted(keys, wanted)
    is_known = np.append(keys, -1)[at] == wanted
    found = np.append(values, 0.0)[at]
    return [Decimal(f"{value:.2f}") if known else None for value, known in zip(found, is_known, strict=True)]


def _n_by_arm(experiment: Experiment, as_of: dt.date) -> dict[str, int]:
    """How many of each arm were enrolled on a date."""
    counts = Assignment.objects.filter(experiment=experiment, enrolled_on=as_of).order_by().values_list("arm")
    found = dict(counts.annotate(n=Count("pk")))
    return {arm.name: found.get(arm.pk, 0) for arm in experiment.arms.all()}


def _hold_controls(experiment: Experiment, as_of: dt.date) -> None:
    """Hold back the control customers of a date, in one statement, until their observation days are over."""
    ops = connection.ops
    until = as_of + dt.timedelta(days=experiment.observation_days)
    facts = [Hold.Kind.CONTROL.value, experiment.source, ops.adapt_datefield_value(as_of)]
    facts += [ops.adapt_datefield_value(until), experiment.name, ops.adapt_datetimefield_value(timezone.now())]
    control = experiment.arms.get(is_control=True)
    marks = "%s, %s, %s, %s, %s, %s"
    if connection.vendor == "postgresql":
        marks = "%s, %s, %s::date, %s::date, %s, %s::timestamptz"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Hold._meta.db_table} (customer_id, kind, source, since, until, reason, created_at) "  # noqa: S608
            f"SELECT customer_id, {marks} FROM {Assignment._meta.db_table} "
            "WHERE experiment_id = %s AND enrolled_on = %s AND arm_id = %s ORDER BY customer_id ON CONFLICT DO NOTHING",
            [*facts, experiment.pk, ops.adapt_datefield_value(as_of), control.pk],
        )
