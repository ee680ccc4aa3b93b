"""Filters of work lists: texts of customers without reading them all each time, last contact, whose case it is."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.cache import cache
from django.db.models import Exists, Field, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.contrib.filters.forms import DropdownForm, SearchForm

from customers.admin import held
from customers.clock import start_of
from customers.models import Assignee, Intervention

__all__ = ["AssigneeFilter", "NotContactedFilter", "TextValuesFilter", "TreatableDropdown"]

MOST_CHOICES = 100
KEPT_SECONDS = 600
BLANK = "__blank__"


class TextValuesFilter(admin.FieldListFilter):
    """The values of a column to choose from, read at most every ten minutes; a field to type in where many."""

    template = "unfold/filters/filters_field.html"

    def __init__(
        self,
        field: Field,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        self.lookup_kwarg = f"{field_path}__exact"
        super().__init__(field, request, params, model, model_admin, field_path)

    def expected_parameters(self) -> list[str | None]:
        return [self.lookup_kwarg]

    def has_output(self) -> bool:
        return True

    def value(self) -> str:
        given = self.used_parameters.get(self.lookup_kwarg) or ""
        return str(given[0] if isinstance(given, list) else given)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(**{self.field_path: "" if chosen == BLANK else chosen})

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        facts = {"name": self.lookup_kwarg, "label": self.title, "data": {self.lookup_kwarg: self.value()}}
        values = values_of(self.field)
        if values is None:
            yield {"form": SearchForm(**facts)}
            return
        if (chosen := self.value()) not in ("", BLANK, *values):
            values = [*values, chosen]
        offered = [(one, one) if one else (BLANK, _("not given")) for one in values]
        yield {"form": DropdownForm(**facts, choices=[("", _("All")), *offered])}


def values_of(field: Field) -> list[str] | None:
    """The different values of a column as text, in order; None where they are more than one would choose from."""
    key = f"values:{field.model._meta.label_lower}.{field.name}"
    found: list[str] | None = cache.get(key)
    if found is None:
        column = field.model._default_manager.order_by(field.name).values_list(field.name, flat=True)
        found = [str(one) for one in column.distinct()[: MOST_CHOICES + 1] if one is not None]
        cache.set(key, found, KEPT_SECONDS)
    return found if len(found) <= MOST_CHOICES else None


class TreatableDropdown(held.TreatableFilter, DropdownFilter):
    """As a field of the form that the work list's filters are."""


class NotContactedFilter(DropdownFilter):
    """Customers without any intervention in the last days; `path` leads from the row to the customer."""

    title = gettext_lazy("not contacted")
    parameter_name = "not_contacted"
    path = "customer"
    days = (7, 14, 30, 90)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(n), _("for %(n)s days") % {"n": n}) for n in self.days]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if (self.value() or "") not in {str(n) for n in self.days}:
            return queryset
        since = start_of(held.today() - dt.timedelta(days=int(self.value() or 0)))
        contacted = Intervention.objects.filter(customer=OuterRef(self.path), occurred_at__gte=since)
        return queryset.filter(~Exists(contacted))


class AssigneeFilter(DropdownFilter):
    """Whose case it is: mine, nobody's, somebody else's."""

    title = gettext_lazy("assigned to")
    parameter_name = "assigned"
    path = "customer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", _("me")), ("nobody", _("nobody")), ("others", _("somebody else"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        whose = Assignee.objects.filter(customer=OuterRef(self.path))
        match self.value():
            case "me":
                return queryset.filter(Exists(whose.filter(user=request.user.pk)))
            case "nobody":
                return queryset.filter(~Exists(whose))
            case "others":
                return queryset.filter(Exists(whose.exclude(user=request.user.pk)))
        return queryset
