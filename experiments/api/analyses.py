"""What was found out about an experiment: the latest analysis, and all that were ever made."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.rest import pages
from customers.rest.rules import Rule
from customers.rest.schema import paged
from customers.rest.views import Endpoint
from customers.visibility import FIGURES_OF_ALL, check_sees_all
from experiments.models import Analysis, Experiment

__all__ = ["Analyses", "AnalysisDetail", "LatestAnalysis"]


class AnalysisSummary(serializers.ModelSerializer):
    """An analysis in a line."""

    verdict = serializers.ChoiceField(choices=Analysis.Verdict.values)

    class Meta:
        model = Analysis
        fields: tuple[str, ...] = (
            *("id", "as_of", "verdict", "sentence_zh", "sentence_en", "n_assigned", "n_known", "is_final"),
            "made_at",
        )


class AnalysisAnswer(AnalysisSummary):
    """An analysis with all its figures."""

    document = serializers.JSONField(help_text=_("Everything that the report shows, nothing rounded."))

    class Meta(AnalysisSummary.Meta):
        fields = (*AnalysisSummary.Meta.fields, "document")


class OfAnalyses(Endpoint):
    """Figures of all customers are not for who sees only some of them."""

    rules = {"GET": Rule(permission="experiments.view_analysis")}

    def of(self, experiment: int) -> Any:
        """The analyses of an experiment, the latest first."""
        check_sees_all(self.request.user, FIGURES_OF_ALL)
        return Analysis.objects.filter(experiment=get_object_or_404(Experiment, pk=experiment))


class LatestAnalysis(OfAnalyses):
    """What is known now."""

    answers = {"GET": {200: AnalysisAnswer}}

    def get(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        """The latest analysis of an experiment, with all its figures."""
        latest = self.of(id).first()
        if latest is None:
            raise Http404
        return Response(AnalysisAnswer(latest).data)


class Analyses(OfAnalyses):
    """What was known when."""

    parameters = {"GET": pages.PageQuery}
    answers = {"GET": {200: paged(AnalysisSummary)}}

    def get(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        """All analyses of an experiment, the latest first, without their figures."""
        rows = self.of(id).defer("document")
        order = ("-as_of", "-made_at", "-id")
        return Response(pages.page(rows, request=request, query=self.query, order=order, shown=_told))


class AnalysisDetail(OfAnalyses):
    """One of them."""

    answers = {"GET": {200: AnalysisAnswer}}

    def get(self, request: Request, id: int, analysis: int) -> HttpResponse:  # noqa: A002
        """One analysis of an experiment, with all its figures."""
        return Response(AnalysisAnswer(get_object_or_404(self.of(id), pk=analysis)).data)


def _told(rows: Sequence[Analysis]) -> list[Any]:
    return list(AnalysisSummary(rows, many=True).data)
