"""The list of experiments, a new draft, and changes of one that has not started."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.rest import etags, pages
from customers.rest.problems import Conflict
from customers.rest.rules import Rule
from customers.rest.schema import paged
from customers.rest.views import Endpoint
from experiments import draft
from experiments.api.forms import Changes, ExperimentAnswer, Settings, document
from experiments.api.found import found, locked, whole
from experiments.models import Experiment

__all__ = ["SEE", "ExperimentDetail", "Experiments"]

SEE = Rule(permission="experiments.view_experiment")


class ExperimentQuery(pages.PageQuery):
    """What of the list is wanted."""

    state = serializers.ChoiceField(choices=Experiment.State.values, required=False)
    layer = serializers.CharField(required=False)


class Experiments(Endpoint):
    """The experiments, the newest first."""

    rules = {"GET": SEE, "POST": Rule(permission="experiments.add_experiment")}
    parameters = {"GET": ExperimentQuery}
    body = {"POST": Settings}
    answers = {"GET": {200: paged(ExperimentAnswer)}, "POST": {201: ExperimentAnswer}}

    def get(self, request: Request) -> HttpResponse:
        """The experiments, the newest first."""
        wanted = {name: self.query[name] for name in ("state", "layer") if name in self.query}
        rows = whole(Experiment.objects.filter(**wanted))
        order = ("-created_at", "-id")
        return Response(pages.page(rows, request=request, query=self.query, order=order, shown=_told))

    def post(self, request: Request) -> HttpResponse:
        """Configure a new draft. No customer is in it before it is started."""
        given = {"arms": draft.proposed_arms(), **self.checked(request)}
        user: Any = request.user
        made = _written(self, request, Experiment(created_by=user), given)
        headers = {"Location": f"/api/v1/experiments/{made['id']}/"}
        return etags.tagged(made, status=201, headers=headers)


class ExperimentDetail(Endpoint):
    """An experiment with all its settings."""

    rules = {"GET": SEE, "PATCH": Rule(permission="experiments.change_experiment")}
    body = {"PATCH": Changes}
    answers = {"GET": {200: ExperimentAnswer}, "PATCH": {200: ExperimentAnswer}}
    problems = {"PATCH": (409, 412)}
    headers_taken = {"PATCH": (etags.IF_MATCH,)}

    def get(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        """An experiment with all its settings. Its ETag is for If-Match."""
        return etags.tagged(document(found(id)))

    def patch(self, request: Request, id: int) -> HttpResponse:  # noqa: A002
        """Change a draft. What was started is locked: changing it means a new experiment."""
        with transaction.atomic():
            experiment = locked(id)
            if experiment.state != Experiment.State.DRAFT:
                raise Conflict(_("A started experiment is locked: changing it means a new experiment."))
            given = self.checked(request, instance=experiment)
            etags.check(request, document(experiment))
            return etags.tagged(_written(self, request, experiment, given))


def _written(endpoint: Endpoint, request: Request, experiment: Experiment, given: Mapping[str, Any]) -> dict[str, Any]:
    """The body that tells of what was stored."""
    try:
        with transaction.atomic():
            draft.write(experiment, given)
    except IntegrityError:
        # Another call took the name meanwhile: checked again, the body says so.
        endpoint.checked(request, instance=experiment if experiment.pk else None)
        raise
    return document(found(experiment.pk))


def _told(rows: Sequence[Experiment]) -> list[Any]:
    return [document(one) for one in rows]
