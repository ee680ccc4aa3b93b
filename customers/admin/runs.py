"""Runs with their steps, and what left the database."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from customers.admin.labels import label
from customers.admin.machine import MachineInline, MachineRows
from customers.joining import labelled
from customers.models import ArchiveFile, Run, Step

STATES = {"waiting": "info", "running": "primary", "done": "success", "failed": "danger", "refused": "danger"}


class StepInline(MachineInline):
    model = Step
    fields = ("position", "step", "state_label", "started_at", "ended_at", "n_rows", "n_attempts", "cause")
    readonly_fields = ("step", "state_label", "cause")

    @admin.display(description=_("step"))
    def step(self, row: Step) -> str:
        return row.name

    @admin.display(description=_("state"))
    def state_label(self, row: Step) -> str:
        return label(row.state, row.get_state_display(), STATES)

    @admin.display(description=_("error"))
    def cause(self, row: Step) -> Any:
        return format_html('<span class="error-text">{}</span>', row.why) if row.error else "–"


@admin.register(Run)
class RunAdmin(MachineRows):
    list_display = ("kind", "as_of", "state_label", "started_at", "ended_at", "took", "error_line")
    list_filter = ("kind", "state", "as_of")
    search_fields = ("error",)
    search_help_text = _("Words of an error.")
    fields = (
        *(("kind", "as_of"), ("state_label", "started_by"), ("started_at", "ended_at"), "heartbeat_at", "why_failed"),
    )
    readonly_fields = ("state_label", "why_failed")
    inlines = (StepInline,)
    empty_title = _("Nothing has run yet")
    empty_message = _("The daily job runs at 02:00, or at once with: python manage.py run_daily")

    @admin.display(description=_("state"), ordering="state")
    def state_label(self, run: Run) -> str:
        return label(run.state, run.get_state_display(), STATES)

    @admin.display(description=_("took"))
    def took(self, run: Run) -> str:
        if not (run.started_at and run.ended_at):
            return "–"
        seconds = (run.ended_at - run.started_at).total_seconds()
        return f"{int(seconds // 60)}:{seconds % 60:04.1f}"

    @admin.display(description=_("error"))
    def error_line(self, run: Run) -> str:
        return (self.why(run).splitlines() or [""])[0][:120]

    @admin.display(description=_("error"))
    def why_failed(self, run: Run) -> Any:
        return format_html('<span class="error-text">{}</span>', self.why(run)) if run.error else "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).prefetch_related("steps")

    def why(self, run: Run) -> str:
        """The step that broke and its cause."""
        return labelled(self.step_title(run.broken), run.broken.why) if run.broken else run.error

    def step_title(self, step: Step) -> str:
        return step.name


@admin.register(ArchiveFile)
class ArchiveFileAdmin(MachineRows):
    list_display = ("path", "kind", "month", "n_rows", "written_at")
    list_filter = ("kind", "month")
    search_fields = ("path",)
    of_all = ("n_rows",)
    empty_title = _("Nothing archived yet")
    empty_message = _("Rows past their retention move here, month by month, and stay readable for the features.")
