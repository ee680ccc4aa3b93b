"""What is done to an experiment in the background: started once at a time, and told on its page."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import jobs
from customers.admin.background import latest, tell
from customers.commands import Refused
from customers.models import Job
from experiments import tasks
from experiments.admin.sentences import sentence
from experiments.models import Analysis, Experiment, UpliftStudy

__all__ = ["of", "start"]


def start(task: Any, experiment: Experiment, *, user: Any) -> Job:
    """Hand it to the workers; Refused while the same is under way."""
    if jobs.unfinished().filter(kind=task.name, arguments__experiment=experiment.pk).exists():
        raise Refused(_("It is under way already."))
    return jobs.start(task, user=user, experiment=experiment.pk)


def of(experiment: Experiment) -> list[Job]:
    """The last jobs of an experiment."""
    return latest(_KINDS, experiment=experiment.pk)


def _enrolled(result: dict[str, Any]) -> str:
    texts = {"n": result["n_new"], "day": date_format(dt.date.fromisoformat(result["as_of"]))}
    return _("%(n)s customers were enrolled, by their risk of %(day)s.") % texts


def _analysed(result: dict[str, Any]) -> str:
    made = Analysis.objects.filter(pk=result["analysis"]).first()
    if made is None:
        return _("Its result is gone.")
    texts = {"day": date_format(made.as_of), "verdict": sentence(made)}
    return _("Analysed as of %(day)s: %(verdict)s") % texts


def _finalised(result: dict[str, Any]) -> str:
    made = Analysis.objects.filter(pk=result["analysis"]).select_related("experiment").first()
    if made is None:
        return _("Its result is gone.")
    return _("The result of “%(name)s” is final; late events change nothing any more.") % {"name": made.experiment}


def _learned(result: dict[str, Any]) -> Any:
    made = UpliftStudy.objects.filter(pk=result["study"]).first()
    if made is None:
        return _("Its result is gone.")
    address = reverse("admin:experiments_upliftstudy_change", args=[made.pk])
    return format_html('<a class="text-link" href="{}">{}</a>', address, made.get_code_display())


tell(tasks.enrol.name, title=gettext_lazy("Enrol now"), sentence=_enrolled)
tell(tasks.analyse.name, title=gettext_lazy("Analyse now"), sentence=_analysed)
tell(tasks.finalise.name, title=gettext_lazy("Finalise"), sentence=_finalised)
tell(tasks.learn_uplift.name, title=gettext_lazy("Learn whom it helps"), sentence=_learned)
_KINDS = (tasks.enrol.name, tasks.analyse.name, tasks.finalise.name, tasks.learn_uplift.name)
