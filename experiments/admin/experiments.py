"""Experiments: a list, a form while they are drafts, and a locked page with everything to be done from then on."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from customers.admin.background import refreshed, shown
from customers.admin.labels import label
from customers.admin.machine import Page
from customers.clock import business_date
from customers.spreadsheet import Format
from customers.visibility import FIGURES_OF_ALL, check_sees_all, is_limited, visible
from experiments import lists, states, uplift_lists
from experiments.admin import background, downloads
from experiments.admin.forms import DraftForm
from experiments.admin.guide import guide_page
from experiments.admin.inlines import ArmInline, ConditionInline, StateChangeInline
from experiments.admin.moves import MOVES, as_action
from experiments.admin.planning import plan_page
from experiments.admin.report import report
from experiments.admin.sentences import sentence
from experiments.admin.shown import SHOWN, Shown
from experiments.models import Analysis, Assignment, Experiment

__all__ = ["STATES", "VERDICTS", "ExperimentAdmin"]

STATES = {"draft": "", "running": "primary", "stopped": "warning", "completed": "success", "archived": ""}
VERDICTS = {"effective": "success", "harmful": "danger", "inconclusive": "info", "sample_ratio": "warning"}
LASTS = dt.timedelta(days=27)
FIELDSETS: Sequence[tuple[Any, Sequence[Any]]] = (
    (_("The question"), ("name", "hypothesis", ("starts_on", "ends_on"))),
    (_("Who is eligible"), ("min_probability", "risk_levels", "layer")),
    (
        _("What is measured"),
        (
            ("observation_days", "smallest_effect"),
            ("significance", "power"),
            ("secondary_metrics", "guardrail_metrics"),
        ),
    ),
    (_("Money"), ("treatment_cost", ("value_source", "value"))),
    (_("How customers are drawn and treated"), ("is_stratified", "strata", "daily_capacity")),
)
COURSE = (_("Course"), ("state_label", ("started_on", "ended_on"), ("salt", "finalised_at"), "created"))


def _fieldset(title: Any, fields: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
    return title, {"fields": fields}


def _shown(fields: Sequence[Any]) -> tuple[Any, ...]:
    """The same places with the columns that people read."""
    return tuple(_shown(field) if isinstance(field, tuple) else SHOWN.get(field, field) for field in fields)


@admin.register(Experiment)
class ExperimentAdmin(Shown, Page):
    form = DraftForm
    list_display = ("name", "state_label", "starts_on", "ends_on", "enrolled", "verdict")
    list_filter = ("state", "layer", ("starts_on", RangeDateFilter))
    list_filter_submit = True
    search_fields = ("name", "hypothesis")
    search_help_text = _("Words of the name or of the hypothesis.")
    readonly_fields = ("state_label", "started_on", "ended_on", "salt", "finalised_at", "created", *SHOWN.values())
    inlines = (ArmInline, ConditionInline, StateChangeInline)
    of_all = ("verdict",)
    actions_on_all = tuple(move.name for move in MOVES if move.is_for_all)
    actions = None
    actions_detail = ({"title": _("Do"), "icon": "more_vert", "items": [move.name for move in MOVES]},)
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/experiments/experiment.html"
    empty_title = _("No experiments yet")
    empty_message = _("An experiment keeps a part of the customers at risk untreated, to see what the measure does.")
    empty_link = (_("Plan an experiment"), "admin:experiments_experiment_add")

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/plan/", wrap(self.plan), name="experiments_experiment_plan"),
            path("<int:pk>/report/", wrap(self.report), name="experiments_experiment_report"),
            path("<int:pk>/treatments/", wrap(self.treatments), name="experiments_experiment_treatments"),
            path("guide/<slug:name>/", wrap(self.guide), name="experiments_experiment_guide"),
        ]
        return [*own, *super().get_urls()]

    def plan(self, request: HttpRequest, pk: int) -> HttpResponse:
        experiment = self._seen(request, pk)
        check_sees_all(request.user, FIGURES_OF_ALL)
        return plan_page(self, request, experiment)

    def report(self, request: HttpRequest, pk: int) -> HttpResponse:
        experiment = self._seen(request, pk)
        check_sees_all(request.user, FIGURES_OF_ALL)
        if not request.user.has_perm("experiments.view_analysis"):
            raise PermissionDenied
        return report(self, request, experiment)

    def treatments(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The list of the date `on`, or everybody who is still to be treated; as Excel with format=xlsx."""
        experiment = self._seen(request, pk)
        if not request.user.has_perm("experiments.view_listing"):
            raise PermissionDenied
        kind = Format.XLSX if request.GET.get("format") == Format.XLSX else Format.CSV
        on = _day(request.GET.get("on"))
        return downloads.treatments(self, request, experiment, on=on, kind=kind)

    def guide(self, request: HttpRequest, name: str) -> HttpResponse:
        return guide_page(self, request, name)

    def _seen(self, request: HttpRequest, pk: int) -> Experiment:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Experiment, pk=pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        seen = visible(Assignment.objects.filter(experiment=OuterRef("pk")), request.user)
        counted = seen.order_by().values("experiment")
        latest = Analysis.objects.filter(experiment=OuterRef("pk")).values("verdict")[:1]
        n_enrolled = Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0)
        rows = super().get_queryset(request).select_related("created_by")
        return rows.annotate(n_enrolled=n_enrolled, latest_verdict=Subquery(latest))

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_open(obj)

    def get_inlines(self, request: HttpRequest, obj: Experiment | None) -> Any:
        return self.inlines[:2] if _is_open(obj) else self.inlines

    def get_fieldsets(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return [_fieldset(*one) for one in FIELDSETS]
        return [_fieldset(title, _shown(fields)) for title, fields in (*FIELDSETS, COURSE)]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = business_date()
        proposed = {name: getattr(Experiment(), name) for name in self.form.declared_fields}
        given = super().get_changeform_initial_data(request)
        return {**proposed, "starts_on": today, "ends_on": today + LASTS, **given}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """A new experiment proposes its arms."""
        proposed = {} if obj.pk or not isinstance(inline, ArmInline) else {"initial": inline.proposed()}
        return {**super().get_formset_kwargs(request, obj, inline, prefix), **proposed}

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Of what this user may do, what the experiment's state allows."""
        experiment = Experiment.objects.filter(pk=object_id).only("state", "finalised_at").first()
        allowed = super().get_actions_detail(request, object_id)
        return [one for one in allowed if experiment and _fits(experiment, one.action_name)]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        experiment = self.get_object(request, object_id)
        if experiment is None or not self.has_view_permission(request, experiment):
            return super().change_view(request, object_id, form_url, extra_context)
        sees_all = not is_limited(request.user)
        jobs = background.of(experiment) if sees_all else []
        extra = {**_page(experiment, sees_all=sees_all), "jobs": shown(jobs)}
        return refreshed(super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra}), jobs)

    @admin.display(description=_("state"), ordering="state")
    def state_label(self, experiment: Experiment) -> str:
        return label(experiment.state, experiment.get_state_display(), STATES)

    @admin.display(description=_("enrolled"), ordering="n_enrolled")
    def enrolled(self, experiment: Any) -> int:
        return int(experiment.n_enrolled)

    @admin.display(description=_("verdict"))
    def verdict(self, experiment: Any) -> str:
        code = experiment.latest_verdict
        return label(code, Analysis.Verdict(code).label, VERDICTS) if code else "–"

    @admin.display(description=_("created"))
    def created(self, experiment: Experiment) -> str:
        return gettext("%(day)s by %(user)s") % {
            "day": f"{experiment.created_at:%Y-%m-%d %H:%M}",
            "user": experiment.created_by or "–",
        }


for move in MOVES:
    setattr(ExperimentAdmin, move.name, as_action(move))


def _is_open(experiment: Experiment | None) -> bool:
    return experiment is None or experiment.state == Experiment.State.DRAFT


def _fits(experiment: Experiment, action_name: str) -> bool:
    for move in MOVES:
        if action_name.endswith(f"experiment_{move.name}"):
            return experiment.state in move.states and not (move.name == "finalise" and experiment.finalised_at)
    return True


def _day(raw: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(raw) if raw else None
    except ValueError:
        raise Http404 from None


def _page(experiment: Any, *, sees_all: bool) -> dict[str, Any]:
    """What stands above the form: where it is, and what was found of all customers for those who see all."""
    is_draft = experiment.state == Experiment.State.DRAFT
    analysis = None if is_draft or not sees_all else experiment.analyses.first()
    return {
        "experiment": experiment,
        "state": label(experiment.state, experiment.get_state_display(), STATES),
        "obstacles": states.check(experiment) if is_draft else [],
        "analysis": analysis,
        "verdict": sentence(analysis) if analysis else "",
        "why_hidden": "" if sees_all else FIGURES_OF_ALL,
        "days": lists.days(experiment, today=business_date()),
        "study": uplift_lists.latest(experiment),
    }
