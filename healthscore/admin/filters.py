"""What the lists of scores are narrowed by, beside their own columns."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.account_managers import looked_after_by
from healthscore import renewals
from healthscore.admin import beside
from healthscore.dimensions.configuration import TYPES

__all__ = ["AccountFilter", "CoverageFilter", "DisagreementFilter", "ManagerFilter", "RenewalFilter", "TypeFilter"]

WHOLE = 0.9999
BLANK = "__blank__"
KEPT_SECONDS = 600


def kept(key: str, read: Callable[[], list[str]]) -> list[str]:
    """Choices that a long table has to be read for, at most ten minutes old; no choices are not kept."""
    found: list[str] = cache.get(key) or read()
    if found:
        cache.set(key, found, KEPT_SECONDS)
    return found


class RenewalFilter(admin.SimpleListFilter):
    """Customers with a renewal ahead; rows have `as_of`, the same in the whole list."""

    title = _("renewal ahead")
    parameter_name = "renewal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(days), _("within %(days)s days") % {"days": days}) for days in renewals.WINDOWS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        latest, chosen = beside.latest_day(), self.value()
        if latest is None or chosen is None or chosen not in map(str, renewals.WINDOWS):
            return queryset
        ahead = renewals.due(as_of=latest.as_of, days=int(chosen))
        return queryset.filter(customer__in=ahead.order_by().values("customer"))


class AccountFilter(admin.SimpleListFilter):
    """Business accounts, told by their type, among customers of every kind."""

    title = _("kind of customer")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("business accounts")), ("no", _("all others"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(customer__customer_type__in=TYPES)
        return queryset.exclude(customer__customer_type__in=TYPES) if self.value() == "no" else queryset


class TypeFilter(admin.SimpleListFilter):
    """By the customer type that the weights were taken for."""

    title = _("customer type")
    parameter_name = "customer_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        latest = beside.latest_day()
        if latest is None:
            return []
        return [(one or BLANK, one or _("not given")) for one in kept(f"health-types:{latest.as_of}", beside.types)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(customer_type="" if chosen == BLANK else chosen) if chosen else queryset


class ManagerFilter(admin.SimpleListFilter):
    """By the account manager of the customer's latest deal that names one."""

    title = _("account manager")
    parameter_name = "manager"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in kept("health-managers", beside.managers)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(customer__in=looked_after_by([chosen])) if (chosen := self.value()) else queryset


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
