"""Work in the background: how far it is, and what came of it."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from customers import exports
from customers.admin import background
from customers.admin.documents import Missing
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.admin.runs import STATES
from customers.models import Job
from customers.visibility import is_limited

MOST_SHOWN = 20_000
"""Characters of a result; what is longer has a page of its own."""


@admin.register(Job)
class JobAdmin(MachineRows):
    """Who may watch the system and sees every customer sees every job, everybody else their own."""

    list_display = ("created_at", "title", "state_label", "progress", "created_by", "ended_at", "cause")
    list_select_related = ("created_by",)
    list_filter = ("state", "kind")
    fields = (
        *("title", "state_label", "told", "progress", "created_by", "created_at", "started_at", "ended_at", "shown"),
        "cause",
    )
    readonly_fields = ("title", "state_label", "told", "progress", "shown", "cause")
    actions_detail = ("download",)
    empty_title = _("Nothing was started yet")
    empty_message = _("What takes longer than a page, such as an analysis or a large export, comes here.")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page asks again by itself while the job is under way."""
        response: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        job = self.get_object(request, object_id)
        return background.refreshed(response, [job] if job else [])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        rows = super().get_queryset(request)
        return rows if self._watches(request) else rows.filter(created_by_id=request.user.pk)

    def has_view_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        is_own = obj is None or obj.created_by_id == request.user.pk
        return bool(request.user.is_authenticated and request.user.is_staff) and (is_own or self._watches(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _watches(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("customers.view_job")) and not is_limited(request.user)

    def has_download_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Of a file, for who started the job and for superuser and manager, who may see the audit log."""
        job = self.get_queryset(request).filter(pk=object_id).first() if object_id else None
        return job is not None and _may_fetch(request, job)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """No download where there is nothing to be fetched, or not any more."""
        job = self.get_queryset(request).filter(pk=object_id).first()
        return super().get_actions_detail(request, object_id) if job and exports.path_of(job) else []

    @action(description=_("Download"), icon="download", permissions=["download"], url_path="download")
    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        job = self.row_or_404(request, object_id)
        path = exports.path_of(job)
        try:
            if path is not None:
                return exports.fetched(job, path)
        except FileNotFoundError:
            pass  # deleted a moment ago
        raise Missing(gettext("What was asked for is gone; ask again."))

    @admin.display(description=_("job"), ordering="kind")
    def title(self, job: Job) -> str:
        return background.title(job)

    @admin.display(description=_("how it stands"))
    def told(self, job: Job) -> Any:
        return background.told(job)

    @admin.display(description=_("state"), ordering="state")
    def state_label(self, job: Job) -> str:
        return label(job.state, job.get_state_display(), STATES)

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        done = number_format(job.n_done, force_grouping=True)
        return f"{done} / {number_format(job.n_total, force_grouping=True)}" if job.n_total else done

    @admin.display(description=_("error"))
    def cause(self, job: Job) -> str:
        return job.why or "–"

    @admin.display(description=_("result"))
    def shown(self, job: Job) -> Any:
        if job.came_of_it is None:
            return "–"
        text = json.dumps(job.result, ensure_ascii=False, indent=1)
        return format_html("<pre>{}</pre>", text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…")


def _may_fetch(request: HttpRequest, job: Job) -> bool:
    if job.created_by_id == request.user.pk:
        return True
    return bool(request.user.has_perm("customers.view_auditentry")) and not is_limited(request.user)
