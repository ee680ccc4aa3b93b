"""Analyses of the control group: a row each time, never overwritten, and the final one that ends all corrections."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from customers.alone import alone
from customers.commands import Refused
from customers.sentences import gettext as _
from customers.sentences import joined
from experiments import facts, figures
from experiments.document import Document
from experiments.each import each, followed
from experiments.models import Analysis, Experiment, Outcome
from experiments.outcomes import ripe

__all__ = ["CORRECTION_DAYS", "analyse", "analyse_all", "check", "finalise", "is_due", "last_ripe_on"]

CORRECTION_DAYS = 14
ENDED = (Experiment.State.STOPPED, Experiment.State.COMPLETED, Experiment.State.ARCHIVED)


def analyse_all(*, as_of: dt.date) -> dict[str, Any]:
    """Every experiment that is followed, those that are due for the last time; {"analysed", "finalised", "failed"}."""
    done, failed = each(followed(), lambda experiment: _analyse_or_finalise(experiment, as_of))
    finals = [analysis for analysis in done.values() if analysis.is_final]
    return {"analysed": len(done), "finalised": [final.experiment_id for final in finals], "failed": failed}


def analyse(experiment: Experiment, *, as_of: dt.date, user: Any = None) -> Analysis:
    """What is known of the effect at a date, from the outcomes as they are stored; Refused before it was started.

    The same facts on the same date are the row that is there already.
    """
    with alone("experiment", experiment.pk):
        experiment.refresh_from_db()
        return _analyse(experiment, as_of, user)


def check(experiment: Experiment) -> None:
    """Raise Refused where there is nothing to analyse."""
    if experiment.state == Experiment.State.DRAFT:
        raise Refused(_("“%(name)s” has not been started: there is nothing to analyse.") % {"name": experiment.name})


def finalise(experiment: Experiment, *, as_of: dt.date, user: Any = None) -> Analysis:
    """The last analysis; from then on the database refuses to change an outcome.

    Refused while the experiment runs, while observation days are not over, and before all outcomes are stored.
    """
    with alone("experiment", experiment.pk):
        experiment.refresh_from_db()
        if experiment.finalised_at is not None:
            return experiment.analyses.filter(is_final=True).latest()
        if reasons := _against_finalising(experiment, as_of):
            raise Refused(joined(reasons))
        with transaction.atomic():
            final = _analyse(experiment, as_of, user, is_final=True)
            Experiment.objects.filter(pk=experiment.pk).update(finalised_at=timezone.now())
    experiment.refresh_from_db()
    return final


def last_ripe_on(experiment: Experiment) -> dt.date | None:
    """When everybody's observation days are over; None where nobody is enrolled."""
    last = experiment.assignments.order_by("-enrolled_on").values_list("enrolled_on", flat=True).first()
    return None if last is None else last + dt.timedelta(days=experiment.observation_days)


def is_due(experiment: Experiment, *, as_of: dt.date) -> bool:
    """Whether it has ended and late events had their two weeks; one without customers is due at its end."""
    if experiment.state not in ENDED or experiment.finalised_at is not None:
        return False
    last = last_ripe_on(experiment)
    return last is None or as_of >= last + dt.timedelta(days=CORRECTION_DAYS)


def _analyse_or_finalise(experiment: Experiment, as_of: dt.date) -> Analysis:
    if is_due(experiment, as_of=as_of):
        return finalise(experiment, as_of=as_of)
    return analyse(experiment, as_of=as_of)


def _analyse(experiment: Experiment, as_of: dt.date, user: Any, *, is_final: bool = False) -> Analysis:
    check(experiment)
    found = facts.read(experiment, as_of=as_of)
    digest = found.digest(experiment.state, experiment.ended_on)
    known = {"experiment": experiment, "as_of": as_of, "digest": digest, "is_final": is_final}
    stored = Analysis.objects.filter(**known).first()
    if stored is not None:
        return stored
    values = _values(figures.whole(experiment, found, is_final=is_final)) | {"made_by": user}
    analysis, _created = Analysis.objects.get_or_create(**known, defaults=values)
    return analysis


def _values(document: Document) -> dict[str, Any]:
    verdict, counts = document["verdict"], document["counts"]
    return {
        "verdict": verdict["code"],
        "sentence_zh": verdict["zh"],
        "sentence_en": verdict["en"],
        "n_assigned": counts["enrolled"],
        "n_known": counts["known"],
        "document": document,
    }


def _against_finalising(experiment: Experiment, as_of: dt.date) -> list[str]:
    """Everything that stands against it, a sentence each."""
    name = {"name": experiment.name}
    if experiment.state not in ENDED:
        return [_("“%(name)s” has not ended: stop or complete it first.") % name]
    last = last_ripe_on(experiment)
    if last is not None and as_of < last:
        return [_("Customers of “%(name)s” are watched until %(last)s.") % {**name, "last": last}]
    missing = ripe(experiment, as_of=as_of).exclude(pk__in=Outcome.objects.values("pk")).count()
    if missing:
        return [_("%(n)d outcomes of “%(name)s” are not stored yet: track it first.") % {**name, "n": missing}]
    return []
