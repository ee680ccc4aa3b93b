"""How a list marks the customers who may not be treated now, and a filter that leaves them out."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from customers import boundary
from customers.admin.labels import label
from customers.clock import business_date

Namer = Callable[[set[str], Any], dict[str, Any]]
"""From sources and a user to what that user reads for those it knows, links where the user may follow them."""
_NAMERS: list[Namer] = []
VARIANTS = {"control": "info", "opt_out": "warning", "unsubscribed": "warning"}


def mark(held: boundary.Held) -> str:
    """A label with the reason and the last day."""
    return label(held.kind, told(held), VARIANTS)


def told(held: boundary.Held) -> str:
    """The reason with the date from which measures are allowed again, where there is one."""
    facts = {"why": held.title, "until": date_format(held.until) if held.until else ""}
    if held.until is None:
        return gettext("held back: %(why)s") % facts
    return gettext("held back until %(until)s: %(why)s") % facts


def name_sources(namer: Namer) -> None:
    """Apps that hold customers back say here what their sources are called."""
    _NAMERS.append(namer)


def titles(sources: Iterable[str], user: Any) -> dict[str, Any]:
    """What people read for the sources of holds, for as many as an app knows; one query an app."""
    wanted = set(sources)
    return {source: title for namer in _NAMERS for source, title in namer(wanted, user).items()}


class NamesSources(ModelAdmin):
    """A list and page of rows with a `source`, shown by its name in the column `source_title`."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        known = titles((row.source for row in found.result_list), request.user)
        for row in found.result_list:
            row.named = known.get(row.source, row.source)
        return found

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        row = super().get_object(request, *args, **kwargs)
        if row is not None:
            row.named = titles([row.source], request.user).get(row.source, row.source)
        return row

    @admin.display(description=_("source"), ordering="source")
    def source_title(self, row: Any) -> Any:
        return getattr(row, "named", row.source)


class MarksHeld(ModelAdmin):
    """A list whose rows tell in the column `may_be_treated` whether their customer may be, at `customer_path`."""

    customer_path = "customer"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return boundary.marked(super().get_queryset(request), on=today(), customer=self.customer_path)

    @admin.display(description=_("may be treated"))
    def may_be_treated(self, row: Any) -> str:
        """“yes”, or why and until when the customer is held back."""
        held = boundary.held_of(row)
        return label("", gettext("yes"), {}) if held is None else mark(held)


class TreatableFilter(admin.SimpleListFilter):
    """Those who may be treated today, or those who are held back; `path` leads from the row to the customer."""

    title = _("may be treated")
    parameter_name = "treatable"
    path = "customer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("yes")), ("no", _("held back"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        only = {"yes": boundary.treatable, "no": boundary.held}.get(self.value() or "")
        return only(queryset, on=today(), customer=self.path) if only else queryset


def today() -> dt.date:
    """The date of the decision: whoever looks at a list means to treat now."""
    return business_date()
