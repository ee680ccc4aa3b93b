"""Rows that could not go in: why, as a list and a download, and a form to mend one and send it again."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.commands import Refused
from customers.ingest.messages import say
from customers.models import SetAsideRow
from customers.spreadsheet import csv_response

MEND = "customers.change_setasiderow"
STATES = {"open": "warning", "waiting": "info", "resolved": "success"}


class OpenFilter(admin.SimpleListFilter):
    """Open rows first: those are the work to do."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("to be mended")), ("waiting", _("waits for a customer")), ("resolved", _("resolved"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SetAsideRow]) -> QuerySet[SetAsideRow]:
        match self.value():
            case "open":
                return queryset.filter(resolved_at=None, is_waiting=False)
            case "waiting":
                return queryset.filter(resolved_at=None, is_waiting=True)
            case "resolved":
                return queryset.filter(resolved_at__isnull=False)
        return queryset


@admin.register(SetAsideRow)
class SetAsideRowAdmin(MachineRows):
    list_display = ("place", "kind", "why", "state_label", "resolved_at")
    list_filter = (OpenFilter, "kind", "file")
    list_select_related = ("file",)
    search_fields = ("file__name",)
    search_help_text = _("Words of the file's name.")
    fields = (("file", "line"), "kind", "why", "cells", "state_label", ("resolved_at", "resolution"))
    readonly_fields = ("why", "cells", "state_label")
    actions_list = ("download",)
    actions_detail = ("mend",)
    empty_title = _("No row was set aside")
    empty_message = _("Rows that break a rule land here with their reasons, to be mended and sent again.")

    def get_urls(self) -> list[Any]:
        mend = path("<int:pk>/mend/", self.admin_site.admin_view(self.mend_view), name="customers_setasiderow_mend_row")
        return [mend, *super().get_urls()]

    def has_mend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(MEND))

    @admin.display(description=_("row"), ordering="line")
    def place(self, row: SetAsideRow) -> str:
        return gettext("%(file)s, line %(line)s") % {"file": row.file.name, "line": row.line}

    @admin.display(description=_("reasons"))
    def why(self, row: SetAsideRow) -> Any:
        return format_html_join("", '<div class="reason"><strong>{}</strong> {}</div>', told(row))

    @admin.display(description=_("raw text"))
    def cells(self, row: SetAsideRow) -> Any:
        return format_html_join("", "<div><strong>{}</strong>: {}</div>", cells_of(row).items())

    @admin.display(description=_("state"))
    def state_label(self, row: SetAsideRow) -> str:
        if row.resolved_at:
            return label("resolved", gettext("resolved"), STATES)
        if row.is_waiting:
            return label("waiting", gettext("waits for a customer"), STATES)
        return label("open", gettext("to be mended"), STATES)

    @action(description=_("Download as CSV"), icon="download", permissions=["view"])
    def download(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as it is filtered; columns as in the files, so that they can be mended there."""
        rows = self.get_changelist_instance(request).get_queryset(request).select_related("file")
        columns = _columns(rows)
        header = [*columns, "set_aside_file", "set_aside_line", "set_aside_reasons"]
        return csv_response(name="set-aside.csv", header=header, rows=_csv_rows(rows, columns))

    @action(description=_("Mend and send again"), icon="build", permissions=["mend"])
    def mend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:customers_setasiderow_mend_row", args=[object_id]))

    def mend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(MEND):
            raise PermissionDenied
        row = get_object_or_404(SetAsideRow.objects.select_related("file"), pk=pk)
        form = CellsForm(request.POST if request.method == "POST" else None, row=row)
        if request.method == "POST" and form.is_valid() and self._sent_again(request, row, form.cells()):
            return HttpResponseRedirect(reverse("admin:customers_setasiderow_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Mend a row"),
            "row": row,
            "reasons": told(row),
            "form": form,
            "back": reverse("admin:customers_setasiderow_change", args=[pk]),
        }
        return TemplateResponse(request, "admin/customers/mend.html", context)

    def _sent_again(self, request: HttpRequest, row: SetAsideRow, cells: dict[str, str]) -> bool:
        from customers.ingest import quarantine

        try:
            is_in = quarantine.send_again(row=row, raw=cells, user=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return False
        if is_in:
            messages.success(request, gettext("The row went in."))
        else:
            row.refresh_from_db()
            messages.warning(request, gettext("The row is still set aside; see its reasons."))
        return bool(is_in)


class CellsForm(forms.Form):
    """A field for each cell as it was read."""

    def __init__(self, *args: Any, row: SetAsideRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = dict(enumerate(cells_of(row)))
        for number, (column, cell) in enumerate(cells_of(row).items()):
            self.fields[f"cell_{number}"] = forms.CharField(
                label=column, initial=cell, required=False, strip=False, widget=UnfoldAdminTextInputWidget
            )

    def cells(self) -> dict[str, str]:
        return {column: self.cleaned_data[f"cell_{number}"] for number, column in self.columns.items()}


def cells_of(row: SetAsideRow) -> dict[str, str]:
    """Column names and cells in the file's order, as staff mended them last."""
    cells = {**row.raw, **(row.mended or {})}
    return {str(column): "" if cell is None else str(cell) for column, cell in cells.items()}


def told(row: SetAsideRow) -> list[tuple[str, str]]:
    """Each reason as column and message, in the reader's language."""
    return [(reason.get("column") or "", say({**reason, "column": ""})) for reason in row.reasons]


def _columns(rows: QuerySet[SetAsideRow]) -> list[str]:
    seen: dict[str, None] = {}
    for raw in rows.values_list("raw", flat=True).iterator(chunk_size=2000):
        seen.update(dict.fromkeys(raw))
    return list(seen)


def _csv_rows(rows: QuerySet[SetAsideRow], columns: list[str]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=2000):
        cells = cells_of(row)
        reasons = "; ".join(" ".join(part for part in reason if part) for reason in told(row))
        yield [*(cells.get(column, "") for column in columns), row.file.name, row.line, reasons]
