"""Files that came in: upload, what became of their rows, and the profiles that read foreign files."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from customers.admin.labels import label
from customers.admin.machine import MachineRows, Page
from customers.admin.runs import STATES
from customers.ingest import KINDS
from customers.joining import listed
from customers.models import ImportFile, ImportProfile
from customers.shipped import ShippedText, told
from customers.visibility import ROWS_OF_ALL, check_sees_all, is_limited

UNFINISHED = (ImportFile.State.WAITING, ImportFile.State.RUNNING)
REFRESH_SECONDS = 3
ENCODINGS = (("", _("UTF-8, or what the file says")), ("utf-8", "UTF-8"), ("gbk", "GBK"), ("gb18030", "GB 18030"))


def kinds() -> list[tuple[str, Any]]:
    """The kinds of rows that can be imported, for a list of choices."""
    return [(name, KIND_TITLES.get(name, name)) for name in KINDS]


KIND_TITLES = {
    "customers": _("customers"),
    "transactions": _("transactions"),
    "interactions": _("interactions"),
    "links": _("links"),
    "sales": _("deals"),
    "support": _("tickets"),
    "activity": _("activity"),
    "interventions": _("interventions"),
}


class DropFile(forms.FileInput):
    """A file that is dropped onto the page or chosen, and whose sending shows progress."""

    template_name = "admin/customers/drop_file.html"

    class Media:
        js = ("churnsite/upload.js",)

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> str:
        """By the site's templates, which the renderer of forms does not read."""
        return render_to_string(template_name, context)


class UploadForm(forms.ModelForm):
    """A file and how to read it."""

    class Meta:
        model = ImportFile
        fields = ("upload", "kind", "profile", "encoding")
        help_texts = {
            "upload": _("CSV, CSV in gzip, or Excel (.csv, .csv.gz, .xlsx), with a header row."),
            "profile": _("For a file with names and values of its own; leave it blank for files in our columns."),
            "encoding": _("Leave it blank unless letters come out wrong; older Excel in China writes GBK."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("kind", kinds()), ("encoding", ENCODINGS)):
            old = self.fields[name]
            self.fields[name] = forms.ChoiceField(
                choices=choices,
                label=old.label,
                help_text=old.help_text,
                required=name == "kind",
                widget=UnfoldAdminSelectWidget,
            )
        self.fields["profile"].label_from_instance = lambda profile: told(profile.name)  # type: ignore[attr-defined]
        self.fields["upload"].required = True
        self.fields["upload"].widget = DropFile(attrs={"accept": ".csv,.gz,.xlsx"})
        self.fields["upload"].widget.is_required = True


@admin.register(ImportFile)
class ImportFileAdmin(MachineRows):
    """Adding one is uploading a file; the rest is written by the import."""

    list_display = (
        "name",
        "kind_title",
        "state_label",
        "n_read",
        "n_added",
        "n_updated",
        "n_unchanged",
        "set_aside",
        "created_at",
    )
    list_filter = ("state", "kind", "source", "created_at")
    search_fields = ("name", "message")
    search_help_text = _("Words of a file's name or of its message.")
    fieldsets = (
        (None, {"fields": (("name", "kind"), ("state_label", "source"), "progress", "message")}),
        (_("Rows"), {"fields": ("n_read", ("n_added", "n_updated"), ("n_unchanged", "set_aside"), "ignored")}),
        (
            _("How it was read"),
            {"fields": (("profile", "encoding"), "sha256", ("created_by", "created_at"), ("started_at", "ended_at"))},
        ),
    )
    add_fieldsets = ((None, {"fields": ("upload", "kind", "profile", "encoding")}),)
    readonly_fields = ("state_label", "progress", "set_aside", "ignored")
    of_all = ("n_read", "n_added", "n_updated", "n_unchanged", "set_aside")
    empty_title = _("No file has come in yet")
    empty_message = _("Upload a file of customers, then one of transactions; or run: python manage.py import_data DIR")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("customers.add_importfile")) and not is_limited(request.user)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_sees_all(request.user, ROWS_OF_ALL)
        response: HttpResponse = super().add_view(request, *args, **kwargs)
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = UploadForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: ImportFile, form: Any, change: bool) -> None:
        obj.name = form.cleaned_data["upload"].name[:255]
        obj.source = ImportFile.Source.UPLOAD
        obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: _queue(obj.pk))

    def response_add(self, request: HttpRequest, obj: ImportFile, post_url_continue: Any = None) -> HttpResponse:
        """The file's own page, where one sees what becomes of it."""
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(reverse("admin:customers_importfile_change", args=[obj.pk]))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        file = self.get_object(request, object_id)
        if file is not None and file.state in UNFINISHED:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    @admin.display(description=_("kind of rows"), ordering="kind")
    def kind_title(self, file: ImportFile) -> Any:
        return KIND_TITLES.get(file.kind, file.kind)

    @admin.display(description=_("ignored columns"))
    def ignored(self, file: ImportFile) -> str:
        return listed(file.ignored_columns) or "–"

    @admin.display(description=_("state"), ordering="state")
    def state_label(self, file: ImportFile) -> str:
        return label(file.state, file.get_state_display(), STATES)

    @admin.display(description=_("progress"))
    def progress(self, file: ImportFile) -> Any:
        if file.state in UNFINISHED:
            told = _("The file is being read. This page refreshes itself until that is done.")
            return format_html('<progress class="reading" aria-label="{}"></progress><br>{}', file.name, told)
        return _("All that could go in is in.") if file.state == ImportFile.State.DONE else "–"

    @admin.display(description=_("set aside"), ordering="n_set_aside")
    def set_aside(self, file: ImportFile) -> Any:
        if not file.n_set_aside:
            return "0"
        url = reverse("admin:customers_setasiderow_changelist")
        return format_html('<a class="text-link" href="{}?file__id__exact={}">{}</a>', url, file.pk, file.n_set_aside)


def _queue(pk: int) -> None:
    from customers import tasks

    tasks.import_file.delay(pk)


class ProfileForm(forms.ModelForm):
    """A profile that comes with the system is described in the reader's language."""

    class Meta:
        model = ImportProfile
        fields = ("name", "description", "rules")
        field_classes = {"description": ShippedText}


@admin.register(ImportProfile)
class ImportProfileAdmin(Page):
    form = ProfileForm
    list_display = ("title", "about", "updated_at")
    search_fields = ("name", "description")
    ordering = ("name",)
    fields = ("name", "description", "rules")
    empty_title = _("No profiles yet")
    empty_message = _("A profile maps the columns and values of a foreign file onto ours; docs/import.md shows one.")

    @admin.display(description=_("name"), ordering="name")
    def title(self, profile: ImportProfile) -> str:
        return told(profile.name)

    @admin.display(description=_("description"), ordering="description")
    def about(self, profile: ImportProfile) -> str:
        return told(profile.description)
