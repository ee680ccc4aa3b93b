"""Jobs: how far a piece of work in the background is, and what came of it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.models import Job
from customers.models.runs import State
from customers.rest.rules import Rule
from customers.rest.views import Endpoint
from customers.visibility import is_limited


class JobAnswer(serializers.Serializer):
    """A piece of work in the background."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text=_("Which task it is."))
    state = serializers.ChoiceField(choices=State.choices)
    n_done = serializers.IntegerField()
    n_total = serializers.IntegerField(allow_null=True, help_text=_("Null while unknown."))
    result = serializers.JSONField(source="came_of_it", allow_null=True)
    error = serializers.CharField(source="why", help_text=_("Why it failed; empty otherwise."))
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class JobDetail(Endpoint):
    """The state, progress, and result or error of a job."""

    rules = {"GET": Rule(permission="customers.view_job")}
    answers = {"GET": {200: JobAnswer}}

    def get(self, request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - as the address names it
        # A result may be of all customers: who sees only some is told of own jobs.
        rows = Job.objects.filter(created_by_id=request.user.pk) if is_limited(request.user) else Job.objects.all()
        return Response(job_answer(get_object_or_404(rows, pk=id)))


def job_answer(job: Job) -> dict[str, Any]:
    """The body that tells of a job."""
    return dict(JobAnswer(job).data)


def accepted(job: Job) -> Response:
    """The answer to a call that started one: 202, with where to look."""
    return Response(job_answer(job), status=202, headers={"Location": f"/api/v1/jobs/{job.pk}/"})
