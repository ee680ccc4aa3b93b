"""What the lists of scores are narrowed by, beside their own columns."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from healthscore.admin import beside

__all__ = ["CoverageFilter", "DisagreementFilter", "ManagerFilter", "RenewalFilter"]

WHOLE = 0.9999


class RenewalFilter(admin.SimpleListFilter):
    """Customers with a renewal ahead; rows have `as_of`, the same in the whole list."""

    title = _("renewal ahead")
    parameter_name = "renewal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(days), _("within %(days)s days") % {"days": days}) for days in beside.WINDOWS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        latest, chosen = beside.latest_day(), self.value()
        if latest is None or chosen is None or chosen not in map(str, beside.WINDOWS):
            return queryset
        ahead = beside.due(as_of=latest.as_of, days=int(chosen))
        return queryset.filter(customer__in=ahead.order_by().values("customer"))


class ManagerFilter(admin.SimpleListFilter):
    """By the account manager of the customer's latest deal that names one."""

    title = _("account manager")
    parameter_name = "manager"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in beside.managers()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(manager=self.value()) if self.value() else queryset


class CoverageFilter(admin.SimpleListFilter):
    title = _("coverage")
    parameter_name = "coverage"
    bounds = {
        "all": (_("every dimension"), Q(coverage__gte=WHOLE)),
        "most": (_("from 70 % to below 100 %"), Q(coverage__gte=0.7, coverage__lt=WHOLE)),
        "little": (_("below 70 %"), Q(coverage__lt=0.7)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _condition) in self.bounds.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = self.bounds.get(self.value() or "")
        return queryset.filter(found[1]) if found else queryset


class DisagreementFilter(admin.SimpleListFilter):
    """Where the health score and the risk of leaving say the opposite."""

    title = _("against the risk of leaving")
    parameter_name = "disagreement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("they disagree strongly"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return beside.disagreeing(queryset) if self.value() == "yes" else queryset
