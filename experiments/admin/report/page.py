"""The report of an experiment: a stored analysis as a page, by default the latest."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers.joining import labelled, listed, phrases
from experiments.admin.report.advice import advice
from experiments.admin.report.notes import Notes
from experiments.admin.report.sections import sections
from experiments.admin.report.words import day, percent, whole
from experiments.document import Document
from experiments.models import Analysis, Experiment

__all__ = ["report"]

CHOICES = 400


def report(page: ModelAdmin, request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """`?analysis=` chooses an earlier one."""
    context = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "title": _("Report: %(name)s") % {"name": experiment},
        "experiment": experiment,
        **_page(experiment, request.GET.get("analysis", "")),
    }
    return TemplateResponse(request, "admin/experiments/report.html", context)


def _page(experiment: Experiment, wanted: str) -> dict[str, Any]:
    choices = list(experiment.analyses.defer("document")[:CHOICES])
    analysis = _chosen(experiment, wanted)
    if analysis is None:
        return {"analysis": None, "choices": [], "waiting": _waiting(experiment)}
    document: Document = analysis.document
    notes = Notes()
    is_chinese = (get_language() or "").startswith("zh")
    return {
        "analysis": analysis,
        "choices": choices if len(choices) > 1 else [],
        "document": document,
        "verdict": document["verdict"]["zh" if is_chinese else "en"],
        "advice": advice(document),
        "facts": _facts(document),
        "coming": [(day(one["on"]), whole(one["n"]), whole(one["by_then"])) for one in document["counts"]["coming"]],
        "sections": sections(document, notes),
        "notes": notes.listed,
    }


def _chosen(experiment: Experiment, wanted: str) -> Analysis | None:
    if not wanted:
        return experiment.analyses.first()
    found = experiment.analyses.filter(pk=wanted).first() if wanted.isdigit() else None
    if found is None:
        raise Http404(_("This experiment has no such analysis."))
    return found


def _waiting(experiment: Experiment) -> str:
    """What is said of an experiment that was never analysed."""
    if experiment.state == Experiment.State.DRAFT:
        return _("A draft has no report: it has to be started first.")
    found = experiment.assignments.aggregate(n=Count("pk"), first=Min("enrolled_on"), last=Max("enrolled_on"))
    if not found["n"]:
        return _("Nobody is enrolled yet; outcomes are known %(days)s days after.") % {
            "days": experiment.observation_days
        }
    return _("%(n)s customers are enrolled; nothing was analysed yet. It is analysed with the daily job.") % {
        "n": whole(found["n"])
    }


def _facts(document: Document) -> list[tuple[str, str]]:
    """The experiment in a few lines, so that a printed report needs nothing else."""
    plan, counts = document["experiment"], document["counts"]
    arms = listed(f"{arm['name']} {percent(arm['share'], digits=0)}" for arm in plan["arms"])
    measures = phrases(labelled(arm["name"], arm["measure"]) for arm in plan["arms"] if arm["measure"])
    lines = [
        (_("Hypothesis"), plan["hypothesis"]),
        (_("Measure"), measures),
        (_("Arms"), arms),
        (
            _("Enrolment"),
            f"{day(plan['started_on'] or plan['starts_on'])} – {day(plan['ended_on'] or plan['ends_on'])}",
        ),
        (_("Observation days"), str(plan["observation_days"])),
        (_("Enrolled"), whole(counts["enrolled"])),
        (_("Outcome known"), whole(counts["known"])),
        (_("Awaited"), whole(counts["waiting"])),
        (
            _("Significance level, power"),
            f"{percent(plan['significance'], digits=0)}, {percent(plan['power'], digits=0)}",
        ),
        (_("Smallest effect worth seeing"), percent(plan["smallest_effect"])),
    ]
    return [line for line in lines if line[1]]
