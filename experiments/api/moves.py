"""What is done to an experiment: its moves from state to state, and work that runs in the background.

All of it is done to all customers at once, and so refused to who sees only some of them.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from customers import jobs
from customers.api.jobs import JobAnswer, accepted
from customers.clock import business_date
from customers.models import Job
from customers.rest import etags
from customers.rest.rules import Rule
from customers.rest.strict import Strict
from customers.rest.views import Endpoint
from customers.visibility import WORK_ON_ALL, check_sees_all
from experiments import analysis, enrolment, states, tasks
from experiments.api.forms import ExperimentAnswer, document
from experiments.api.found import found, locked
from experiments.models import Experiment

__all__ = ["Analyse", "Complete", "Enrol", "Start", "Stop"]

RUN = Rule(permission="experiments.run_experiment")


class Nothing(Strict):
    """No body is needed; an empty object does as well."""


class Reason(Strict):
    """Why it ends before its time."""

    reason = serializers.CharField(max_length=2_000, help_text=_("The report will name it."))


class Day(Strict):
    """The scores of which date decide; without one, the latest."""

    as_of = serializers.DateField(required=False, help_text=_("Without it the last date that was scored."))


class MoveEndpoint(Endpoint):
    """A move from one state to another; the answer is the experiment as it is then."""

    rules = {"POST": RUN}
    body: ClassVar[Any] = {"POST": Nothing}
    answers = {"POST": {200: ExperimentAnswer}}
    problems = {"POST": (409, 412)}
    headers_taken = {"POST": (etags.IF_MATCH,)}
    work: ClassVar[Callable[..., Any]]

    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        check_sees_all(request.user, WORK_ON_ALL)
        given = self.checked(request)
        with transaction.atomic():
            experiment = locked(id)
            etags.check(request, document(experiment))
            type(self).work(experiment, user=request.user, on=business_date(), **given)
        return etags.tagged(document(found(id)))


class Start(MoveEndpoint):
    """Start a draft. From then on its configuration is locked and customers are enrolled after each day's scoring."""

    work = staticmethod(states.start)


class Stop(MoveEndpoint):
    """End an experiment before its time. Those who are in it are watched to the end of their days."""

    body = {"POST": Reason}
    work = staticmethod(states.stop)


class Complete(MoveEndpoint):
    """End an experiment as planned. Those who are in it are watched to the end of their days."""

    work = staticmethod(states.complete)


class Enrol(Endpoint):
    """Enrol who is eligible by the scores of a date. Who is in stays in: a second time finds nobody."""

    rules = {"POST": RUN}
    body = {"POST": Day}
    answers = {"POST": {202: JobAnswer}}
    problems = {"POST": (409,)}

    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        check_sees_all(request.user, WORK_ON_ALL)
        given = self.checked(request)
        experiment = get_object_or_404(Experiment, pk=id)
        as_of = given.get("as_of") or enrolment.last_scored()
        enrolment.check(experiment, as_of=as_of)
        return accepted(_job(tasks.enrol, request, experiment, as_of=as_of.isoformat()))


class Analyse(Endpoint):
    """Analyse an experiment with everything that is known today. Earlier analyses stay."""

    rules = {"POST": Rule(permission="experiments.add_analysis")}
    body = {"POST": Nothing}
    answers = {"POST": {202: JobAnswer}}
    problems = {"POST": (409,)}

    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        check_sees_all(request.user, WORK_ON_ALL)
        self.checked(request)
        experiment = get_object_or_404(Experiment, pk=id)
        analysis.check(experiment)
        return accepted(_job(tasks.analyse, request, experiment))


def _job(task: Any, request: Request, experiment: Experiment, **arguments: Any) -> Job:
    """The job that is under way with the same, or a new one."""
    wanted = {"experiment": experiment.pk, **arguments}
    same = {f"arguments__{name}": value for name, value in wanted.items()}
    under_way = jobs.unfinished().filter(kind=task.name, **same).first()
    return under_way or jobs.start(task, user=request.user, **wanted)
