"""Rows that could not go in: why, as a list and a download, and a form to mend one and send it again."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from customers.admin.exporting import Column, Exports
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.commands import Refused
from customers.ingest.messages import say
from customers.joining import phrases
from customers.models import SetAsideRow
from customers.personal import may_see, shown

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
class SetAsideRowAdmin(Exports, MachineRows):
    is_for_all_sight = True
    list_display = ("place", "kind", "why", "state_label", "resolved_at")
    list_filter = (OpenFilter, "kind", "file")
    list_select_related = ("file",)
    search_fields = ("file__name",)
    search_help_text = _("Words of the file's name.")
    fields = (("file", "line"), "kind", "why", "cells", "state_label", ("resolved_at", "resolution"))
    readonly_fields = ("why", "cells", "state_label")
    export_name = "set-aside"
    actions_detail = ("mend",)
    empty_title = _("No row was set aside")
    empty_message = _("Rows that break a rule land here with their reasons, to be mended and sent again.")

    def get_urls(self) -> list[Any]:
        mend = path("<int:pk>/mend/", self.admin_site.admin_view(self.mend_view), name="customers_setasiderow_mend_row")
        return [mend, *super().get_urls()]

    def has_mend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(MEND)) and may_see(request.user)

    @admin.display(description=_("row"), ordering="line")
    def place(self, row: SetAsideRow) -> str:
        return gettext("%(file)s, line %(line)s") % {"file": row.file.name, "line": row.line}

    @admin.display(description=_("reasons"))
    def why(self, row: SetAsideRow) -> Any:
        return format_html_join("", '<div class="reason"><strong>{}</strong> {}</div>', told(row))

    @admin.display(description=_("raw text"))
    def cells(self, row: SetAsideRow) -> Any:
        return format_html_join("", "<div><strong>{}</strong>{}{}</div>", _pairs(row))

    @admin.display(description=_("state"))
    def state_label(self, row: SetAsideRow) -> str:
        if row.resolved_at:
            return label("resolved", gettext("resolved"), STATES)
        if row.is_waiting:
            return label("waiting", gettext("waits for a customer"), STATES)
        return label("open", gettext("to be mended"), STATES)

    def columns_for(self, request: HttpRequest, rows: QuerySet[SetAsideRow]) -> list[Column]:
        """As in the files, so that the rows can be mended there."""
        names = _columns(rows) if may_see(request.user) else []
        own = [Column(name, partial(_cell, name)) for name in names]
        return [
            *own,
            Column("set_aside_file", lambda row: row.file.name),
            Column("set_aside_line", lambda row: row.line),
            Column("set_aside_reasons", _reasons),
        ]

    @action(description=_("Mend and send again"), icon="build", permissions=["mend"])
    def mend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:customers_setasiderow_mend_row", args=[object_id]))

    def mend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_mend_permission(request):
            raise PermissionDenied
        row = self.row_or_404(request, pk)
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


def _pairs(row: SetAsideRow) -> list[tuple[str, str, str]]:
    return [(name, gettext(": "), shown(text)) for name, text in cells_of(row).items()]


def told(row: SetAsideRow) -> list[tuple[str, str]]:
    """Each reason as column and message, in the reader's language."""
    return [(reason.get("column") or "", say({**reason, "column": ""})) for reason in row.reasons]


def _columns(rows: QuerySet[SetAsideRow]) -> list[str]:
    seen: dict[str, None] = {}
    for raw in rows.values_list("raw", flat=True).iterator(chunk_size=2000):
        seen.update(dict.fromkeys(raw))
    return list(seen)


def _cell(name: str, row: SetAsideRow) -> str:
    return cells_of(row).get(name, "")


def _reasons(row: SetAsideRow) -> str:
    return phrases(" ".join(part for part in reason if part) for reason in told(row))
