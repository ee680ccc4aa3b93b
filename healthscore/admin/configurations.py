"""Versions of the configuration: what each says, who made and activated it, and a form for the next one."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from customers.admin import background
from customers.admin.confirm import ask
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.commands import Refused
from customers.models import Job
from customers.visibility import WORK_ON_ALL, check_sees_all
from healthscore import configurations, tasks, trial
from healthscore.admin import document, previewing
from healthscore.admin.numbers import NumbersForm
from healthscore.models import ConfigurationVersion

__all__ = ["ConfigurationVersionAdmin"]

ADD, ACTIVATE = "healthscore.add_configurationversion", "healthscore.activate_configurationversion"


@admin.register(ConfigurationVersion)
class ConfigurationVersionAdmin(MachineRows):
    """Versions are never edited: the form starts from one and makes another."""

    list_display = (
        "name",
        "is_active_shown",
        "source",
        "note",
        "created_by",
        "created_at",
        "activated_by",
        "activated_at",
    )
    list_filter = ("source",)
    list_select_related = ("created_by", "activated_by")
    fields = (("source", "digest"), "note", ("created_by", "created_at"), ("activated_by", "activated_at"))
    change_form_outer_before_template = "admin/healthscore/configuration.html"
    actions_list = ("edit_active",)
    actions_detail = ("edit_from", "activate")
    actions_on_all = ("activate",)
    empty_title = _("No version yet")
    empty_message = _("The default becomes the first version with the first day that is scored, or when you edit it.")

    def get_urls(self) -> list[Any]:
        wrap, name = self.admin_site.admin_view, "healthscore_configurationversion"
        own = [
            path("<int:object_id>/preview/", wrap(self.preview), name=f"{name}_preview"),
            path("preview/<uuid:job>/", wrap(self.previewed), name=f"{name}_previewed"),
        ]
        return own + super().get_urls()

    def has_edit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(ADD))

    def has_activate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(ACTIVATE))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        shown = found is not None and self.has_view_permission(request, found)
        extra = {"version": found, "tables": document.tables(found.document)} if shown and found is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @action(description=_("Edit the active one"), icon="edit", permissions=["edit"], url_path="edit-active")
    def edit_active(self, request: HttpRequest) -> HttpResponse:
        address = reverse("admin:healthscore_configurationversion_edit_from", args=[configurations.active().pk])
        return HttpResponseRedirect(address)

    @action(description=_("Make a version from this"), icon="edit", permissions=["edit"], url_path="edit")
    def edit_from(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form; "preview" shows whose grade would move, "save" keeps the version, not active yet."""
        if not self.has_edit_permission(request):
            raise PermissionDenied
        base = get_object_or_404(ConfigurationVersion, pk=object_id)
        form = NumbersForm(request.POST or None, base=base.document)
        preview = None
        if request.method == "POST" and form.is_valid():
            if "save" in request.POST:
                return self._saved(request, form)
            if not trial.is_quick():
                return self._form(request, base, form, None, previewing.start(form.configuration, user=request.user))
            preview = previewing.preview(form.configuration, user=request.user)
        return self._form(request, base, form, preview)

    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Whose grade this version would move."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = get_object_or_404(ConfigurationVersion, pk=object_id)
        is_quick = trial.is_quick()
        if request.method == "POST":
            job = previewing.start(version.configuration, user=request.user)
            return HttpResponseRedirect(reverse("admin:healthscore_configurationversion_previewed", args=[job.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("What would change: %(version)s") % {"version": version},
            "version": version,
            "is_asked_first": not is_quick,
            "preview": previewing.preview(version.configuration, user=request.user) if is_quick else None,
        }
        return TemplateResponse(request, "admin/healthscore/preview.html", context)

    def previewed(self, request: HttpRequest, job: UUID) -> HttpResponse:
        """What a job found of whose grade would move; it asks again until it is done. Everybody sees their own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        mine = Job.objects.filter(kind=tasks.try_configuration.name, created_by=request.user.pk)
        found = get_object_or_404(mine, pk=job)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("What would change"),
            "jobs": background.shown([found]) if found.state != "done" else [],
            "is_found": found.state == "done",
            "preview": previewing.of_job(found, user=request.user),
        }
        return background.refreshed(TemplateResponse(request, "admin/healthscore/preview.html", context), [found])

    @action(description=_("Activate"), icon="check_circle", permissions=["activate"], url_path="activate")
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_activate_permission(request):
            raise PermissionDenied
        check_sees_all(request.user, WORK_ON_ALL)
        version = get_object_or_404(ConfigurationVersion, pk=object_id)
        return ask(
            page=self,
            request=request,
            title=_("Activate"),
            question=gettext(
                "From the next computation on, scores are made with %(version)s. Scores that are stored keep theirs."
            )
            % {"version": version},
            button=_("Activate"),
            back=reverse("admin:healthscore_configurationversion_change", args=[version.pk]),
            work=lambda _reason: self._activate(request, version),
        )

    def _activate(self, request: HttpRequest, version: ConfigurationVersion) -> str:
        if version.is_active:
            raise Refused(gettext("It is active already."))
        configurations.activate(version, user=request.user)
        self.log_change(request, version, "activated")
        return gettext("%(version)s is active.") % {"version": version}

    def _saved(self, request: HttpRequest, form: NumbersForm) -> HttpResponse:
        changed = form.configuration.document
        version = configurations.save(document=changed, user=request.user, note=form.cleaned_data["note"])
        self.message_user(
            request, gettext("%(version)s is kept. It counts once it is activated.") % {"version": version}
        )
        return HttpResponseRedirect(reverse("admin:healthscore_configurationversion_change", args=[version.pk]))

    def _form(
        self,
        request: HttpRequest,
        base: ConfigurationVersion,
        form: NumbersForm,
        preview: Any,
        job: Job | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("A version from %(version)s") % {"version": base},
            "version": base,
            "form": form,
            "preview": preview,
            "job": job,
        }
        return TemplateResponse(request, "admin/healthscore/numbers.html", context)

    @admin.display(description=_("version"), ordering="pk")
    def name(self, version: ConfigurationVersion) -> str:
        return str(version)

    @admin.display(description=pgettext_lazy("configuration", "active"), ordering="is_active")
    def is_active_shown(self, version: ConfigurationVersion) -> str:
        return label("yes", pgettext("configuration", "active"), {"yes": "success"}) if version.is_active else "–"
