"""Experiments that run, or whose last outcomes are awaited: how far they are, and what they say by now."""

import datetime as dt
from typing import Any

from django.db.models import Count, F, OuterRef, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from churnsite.home.links import listed
from customers.admin.labels import label
from customers.visibility import FIGURES_OF_ALL, is_limited, visible
from experiments.admin.experiments import STATES, VERDICTS
from experiments.admin.report.words import whole
from experiments.admin.sentences import sentence
from experiments.each import followed
from experiments.models import Analysis, Assignment, Experiment

__all__ = ["of"]

N_SHOWN = 10


def of(user: Any, *, today: dt.date) -> dict[str, Any]:
    """The experiments, newest first; without any the one that ended last, and where to plan one."""
    latest = Analysis.objects.filter(experiment=OuterRef("pk")).values("pk")[:1]
    rows = followed().order_by(F("started_on").desc(nulls_last=True), "-pk")[: N_SHOWN + 1]
    found = list(rows.annotate(latest=Subquery(latest)))
    last = None if found else _last(latest)
    analyses = _analyses([*found, *([last] if last else [])]) if _sees_analyses(user) else {}
    counts = _enrolled(found, user)
    return {
        "rows": [_row(one, counts.get(one.pk, 0), analyses.get(one.pk), user, today) for one in found[:N_SHOWN]],
        "has_more": len(found) > N_SHOWN,
        "last": last and _row(last, 0, analyses.get(last.pk), user, today),
        "url": listed("experiments_experiment"),
        "add_url": _add_url(user),
    }


def _sees_analyses(user: Any) -> bool:
    return bool(user.has_perm("experiments.view_analysis")) and not is_limited(user)


def _last(latest: Any) -> Any:
    """The experiment that became final last."""
    final = Experiment.objects.exclude(finalised_at=None).order_by("-finalised_at")
    return final.annotate(latest=Subquery(latest)).first()


def _analyses(rows: list[Any]) -> dict[int, Analysis]:
    """The latest analysis of each, without its figures."""
    found = Analysis.objects.filter(pk__in=[one.latest for one in rows if one.latest]).defer("document")
    return {one.experiment_id: one for one in found}


def _enrolled(rows: list[Any], user: Any) -> dict[int, int]:
    seen = visible(Assignment.objects.filter(experiment__in=[one.pk for one in rows]), user)
    return dict(seen.order_by().values_list("experiment").annotate(n=Count("pk")))


def _row(one: Experiment, n: int, analysis: Analysis | None, user: Any, today: dt.date) -> dict[str, Any]:
    view = "report" if _sees_analyses(user) else "change"
    return {
        "name": one.name,
        "url": reverse(f"admin:experiments_experiment_{view}", args=[one.pk]),
        "state": label(one.state, one.get_state_display(), STATES),
        "progress": _progress(one, today),
        "enrolled": whole(n),
        "enrolled_url": listed("experiments_assignment", experiment__id__exact=one.pk)
        if user.has_perm("experiments.view_assignment")
        else "",
        "verdict": label(analysis.verdict, analysis.get_verdict_display(), VERDICTS) if analysis else "",
        "sentence": _told(analysis, user),
    }


def _told(analysis: Analysis | None, user: Any) -> str:
    if is_limited(user):
        return str(FIGURES_OF_ALL)
    return sentence(analysis) if analysis else _("Not analysed yet; that is done with the daily job.")


def _progress(one: Experiment, today: dt.date) -> str:
    """Which day of how many it is, or when it ended."""
    if one.ended_on is not None:
        return _("ended on %(day)s") % {"day": date_format(one.ended_on)}
    first = max(one.starts_on, one.started_on or one.starts_on)
    if today < first:
        return _("begins on %(day)s") % {"day": date_format(first)}
    length = (one.ends_on - first).days + 1
    return _("day %(n)s of %(of)s") % {"n": min((today - first).days + 1, length), "of": length}


def _add_url(user: Any) -> str:
    return reverse("admin:experiments_experiment_add") if user.has_perm("experiments.add_experiment") else ""
