"""The states of an experiment: who may move it where, what has to be true first, and what is written down.

draft → running → stopped or completed → archived. Every move locks the experiment's row, so that two at once are one
after the other, and leaves a StateChange.
"""

import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from customers import outbox
from customers.commands import Refused
from customers.sentences import gettext as _
from customers.sentences import joined
from experiments import draft
from experiments.attributes import ATTRIBUTES
from experiments.models import Arm, Assignment, Experiment, StateChange
from predictions.models import RiskLevel

__all__ = ["archive", "check", "complete", "start", "stop"]

State = Experiment.State
MOVES: dict[str, tuple[str, ...]] = {
    State.DRAFT: (State.RUNNING,),
    State.RUNNING: (State.STOPPED, State.COMPLETED),
    State.STOPPED: (State.ARCHIVED,),
    State.COMPLETED: (State.ARCHIVED,),
    State.ARCHIVED: (),
}


def check(experiment: Experiment) -> list[str]:
    """Everything that stands against starting it, a sentence each; empty where it can start."""
    arms = list(experiment.arms.all())
    wrong = (_wrong_settings, _wrong_filter, _wrong_strata)
    return [*_wrong_arms(arms), *(reason for one in wrong for reason in one(experiment))]


def start(experiment: Experiment, *, user: Any, on: dt.date, salt: str | None = None) -> None:
    """Lock the configuration, draw the salt and begin; Refused with every reason that stands against it.

    `salt` is for simulations and the demo, which have to come out the same again; who chooses it could choose who is in
    which arm.
    """
    with _moving(experiment) as row:
        reasons = check(row)
        if row.ends_on < on:
            reasons.append(_("It ends on %(end)s, which is over.") % {"end": row.ends_on})
        if reasons:
            raise Refused(joined(reasons))
        row.salt = salt or secrets.token_hex(16)
        row.started_on = on
        _move(row, State.RUNNING, user=user, reason="")
    experiment.refresh_from_db()


def stop(experiment: Experiment, *, user: Any, on: dt.date, reason: str) -> None:
    """End it before its time; nobody is enrolled or listed any more, those who are in are watched to their end."""
    if not reason.strip():
        raise Refused(_("Say why it is stopped: the report will name the reason."))
    _end(experiment, State.STOPPED, user=user, on=on, reason=reason.strip())


def complete(experiment: Experiment, *, user: Any, on: dt.date, reason: str = "") -> None:
    """End it as planned; those who are in are watched to their end."""
    _end(experiment, State.COMPLETED, user=user, on=on, reason=reason.strip())


def archive(experiment: Experiment, *, user: Any, reason: str = "") -> None:
    """Put an ended experiment away; everything of it stays readable."""
    with _moving(experiment) as row:
        _move(row, State.ARCHIVED, user=user, reason=reason)
    experiment.refresh_from_db()


def _end(experiment: Experiment, state: str, *, user: Any, on: dt.date, reason: str) -> None:
    with _moving(experiment) as row:
        row.ended_on = on
        _move(row, state, user=user, reason=reason)
        Assignment.objects.filter(experiment=row, is_current=True).update(is_current=False)
        outbox.emit(
            outbox.Kind.EXPERIMENT_FINISHED, {"experiment": row.pk, "state": str(state), "ended_on": on.isoformat()}
        )
    experiment.refresh_from_db()


@contextmanager
def _moving(experiment: Experiment) -> Iterator[Experiment]:
    """The experiment's row, locked until the move is whole."""
    with transaction.atomic():
        yield Experiment.objects.select_for_update().get(pk=experiment.pk)


def _move(row: Experiment, state: str, *, user: Any, reason: str) -> None:
    before = row.state
    if state not in MOVES[before]:
        raise Refused(
            _("“%(name)s” is %(state)s and cannot be %(wanted)s.")
            % {"name": row.name, "state": row.get_state_display(), "wanted": State(state).label}
        )
    row.state = state
    row.save()
    StateChange.objects.create(experiment=row, from_state=before, to_state=state, reason=reason, changed_by=user)


def _wrong_arms(arms: list[Arm]) -> list[str]:
    named = draft.against_arms([(arm.is_control, arm.share) for arm in arms])
    return named + draft.against_shares(arm.share for arm in arms)


def _wrong_settings(experiment: Experiment) -> list[str]:
    return list(draft.against_settings({name: getattr(experiment, name) for name in draft.SETTINGS}).values())


def _wrong_filter(experiment: Experiment) -> list[str]:
    reasons: list[str] = [
        _("“%(level)s” is no risk level.") % {"level": level}
        for level in experiment.risk_levels
        if level not in RiskLevel.values
    ]
    for one in experiment.conditions.all():
        reasons.append(draft.against_condition(attribute=one.attribute, operator=one.operator, values=one.values))
    return [reason for reason in reasons if reason]


def _wrong_strata(experiment: Experiment) -> list[str]:
    known = {"risk_level", *(attribute.name for attribute in ATTRIBUTES)}
    return [
        _("“%(name)s” is no attribute that strata can be made of.") % {"name": name}
        for name in (experiment.strata if experiment.is_stratified else [])
        if name not in known
    ]
