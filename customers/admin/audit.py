"""The audit log: who wrote what and when, with the values before and after; only to be read."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from customers.admin.events import DaysFilter
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.audit.tables import audited
from customers.joining import listed
from customers.models import AuditEntry, Customer
from customers.personal.holdings import personal_fields
from customers.personal.masking import shown

ACTIONS = {"add": "success", "change": "info", "delete": "danger", "note": "default"}
MOST_USERS = 200


class TableFilter(DropdownFilter):
    """The tables that are audited, by their titles."""

    title = _("table")
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        titles = [(name, table_title(name)) for name in _models()]
        return sorted(titles, key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(table=self.value()) if self.value() else queryset


class WhoFilter(DropdownFilter):
    """Users who may log in; of one who is gone, the search finds nothing, but the entries stay."""

    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        users = get_user_model().objects.order_by("username").values_list("pk", "username")
        return [(str(pk), name) for pk, name in users[:MOST_USERS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        value = self.value() or ""
        return queryset.filter(user_id=int(value)) if value.isdigit() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(MachineRows):
    is_for_all_sight = True
    list_display = ("at", "who_label", "via", "action_label", "what", "columns", "rows_label")
    list_filter = (("at", DaysFilter), WhoFilter, "via", "action", TableFilter)
    list_filter_submit = True
    ordering = ("-id",)
    search_fields = ("customer_pk",)
    search_help_text = _("A whole customer ID.")
    fields = (("at", "who_label"), ("via", "source"), ("action_label", "what"), ("rows_label", "event"), "changes")
    readonly_fields = ("who_label", "action_label", "what", "columns", "rows_label", "changes")
    empty_title = _("Nothing was written yet")
    empty_message = _("Every change by whatever way is recorded here, by the database itself.")

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return ()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Each way has its index: of days by time, else by number, which is in the order of time as well."""
        return ("-at", "-id") if any(name.startswith("at_") for name in request.GET) else ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        if term := search_term.strip():
            customer = Customer.objects.filter(customer_id=term).values_list("pk", flat=True).first()
            queryset = queryset.filter(customer_pk=customer) if customer else queryset.none()
        return queryset, False

    @admin.display(description=_("who"))
    def who_label(self, entry: AuditEntry) -> str:
        names = (entry.who, gettext("API key %(key)s") % {"key": entry.key} if entry.key else "")
        return " · ".join(name for name in names if name) or "–"

    @admin.display(description=_("action"))
    def action_label(self, entry: AuditEntry) -> SafeString:
        return label(entry.action, entry.get_action_display(), ACTIONS)

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> str:
        rows = f"{entry.row}–{entry.last_row}" if entry.last_row else entry.row
        return " ".join(part for part in (entry.event, table_title(entry.table), rows) if part)

    @admin.display(description=_("columns"))
    def columns(self, entry: AuditEntry) -> str:
        return listed({**(entry.before or {}), **(entry.after or {})}) if entry.action == "change" else ""

    @admin.display(description=_("rows"))
    def rows_label(self, entry: AuditEntry) -> str:
        return number_format(entry.n_rows, force_grouping=True)

    @admin.display(description=_("before and after"))
    def changes(self, entry: AuditEntry) -> SafeString | str:
        rows = list(_changes(entry))
        context = {"rows": rows, "has_before": bool(entry.before), "has_after": bool(entry.after)}
        text = render_to_string("admin/customers/changes.html", context) if rows else "–"
        return mark_safe(text)  # noqa: S308 - a template escapes


def table_title(table: str) -> str:
    """What a table's rows are called; the table's own name where it is none of ours."""
    model = _models().get(table)
    if model is None:
        return table
    if model._meta.auto_created:  # its name is written once for all, in the language that the process began with
        ends = [field.related_model for field in model._meta.fields if field.related_model]
        return " – ".join(str(capfirst(one._meta.verbose_name)) for one in ends)
    return str(capfirst(model._meta.verbose_name))


def _changes(entry: AuditEntry) -> Iterator[tuple[str, str, str]]:
    """Each column's title with its value before and after, as the reader may see them."""
    model = _models().get(entry.table)
    before, after = (one if isinstance(one, dict) else {} for one in (entry.before, entry.after))
    for column in {**before, **after}:
        yield _title(model, column), _cell(model, column, before), _cell(model, column, after)


def _title(model: type[Model] | None, column: str) -> str:
    found = [one for one in model._meta.concrete_fields if one.column == column] if model else []
    return str(capfirst(found[0].verbose_name)) if found else column


def _cell(model: type[Model] | None, column: str, values: dict[str, Any]) -> str:
    value = values.get(column)
    if value in (None, ""):
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    is_personal = model is not None and column in personal_fields(model) | _RAW.get(model._meta.label, frozenset())
    return str(shown(text)) if is_personal else text


# Cells of a row set aside may be anybody's names.
_RAW = {"customers.SetAsideRow": frozenset({"raw", "mended"})}


@cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for _one, model in audited(apps)}
