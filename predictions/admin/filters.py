"""Filters of the risk list: stage, monthly value, and what raises the risk most."""

from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, MultipleChoicesDropdownFilter

from predictions.admin.families import FAMILIES, STAGES
from predictions.features.catalogue import BY_NAME
from predictions.models import DailyFigures, Prediction
from predictions.value import bands

__all__ = ["LevelFilter", "OutcomeFilter", "ReasonFilter", "StageFilter", "ValueFilter"]

FAMILY = "family:"
KEPT_SECONDS = 600


class LevelFilter(MultipleChoicesDropdownFilter):
    """One risk level or several; none chosen means all."""

    all_option = None


class StageFilter(DropdownFilter):
    title = gettext_lazy("lifecycle stage")
    parameter_name = "lifecycle_stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, title in STAGES.items() if name != "lapsed"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        return queryset.filter(lifecycle_stage=self.value()) if self.value() else queryset


class ValueFilter(DropdownFilter):
    """What the customer is worth in a month, in bands."""

    title = gettext_lazy("monthly value")
    parameter_name = "value"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(band.name, band.title) for band in bands()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        chosen = next((band for band in bands() if band.name == self.value()), None)
        return queryset.filter(chosen.condition()) if chosen else queryset


class OutcomeFilter(DropdownFilter):
    """Whether the customer left; the days whose labels are open are passed over at once."""

    title = gettext_lazy("churned")
    parameter_name = "churned__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("yes")), ("0", _("no")), ("unknown", _("not known yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        match self.value():
            case "unknown":
                return queryset.filter(churned=None)
            case "1" | "0":
                closed = DailyFigures.objects.filter(n_closed__gt=0).aggregate(last=Max("as_of"))["last"]
                rows = queryset.filter(as_of__lte=closed) if closed else queryset
                return rows.filter(churned=self.value() == "1")
        return queryset


class ReasonFilter(DropdownFilter):
    """What raises the risk most: a family of features, or one feature that does so for somebody on the latest day."""

    title = gettext_lazy("main reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        named = [(name, n) for name, n in counts().items() if name in BY_NAME]
        families = dict.fromkeys(feature.family for feature in BY_NAME.values())
        offered: list[tuple[str, Any]] = []
        for family in families:
            mine = [(name, n) for name, n in named if BY_NAME[name].family == family]
            if mine:
                title = FAMILIES.get(family, family)
                offered.append((f"{FAMILY}{family}", f"{title} ({sum(n for _name, n in mine)})"))
                offered += [(name, f"– {_(BY_NAME[name].description)} ({n})") for name, n in mine]
        return offered

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        chosen = self.value() or ""
        if not chosen:
            return queryset
        if not chosen.startswith(FAMILY):
            return queryset.filter(main_reason=chosen)
        family = chosen.removeprefix(FAMILY)
        return queryset.filter(main_reason__in=[one.name for one in BY_NAME.values() if one.family == family])


def counts() -> dict[str, int]:
    """How many customers of the latest day have each main reason, the most frequent first; at most ten minutes old."""
    latest = Prediction.objects.aggregate(day=Max("as_of"))["day"]
    key = f"main-reasons:{latest}"
    found: dict[str, int] | None = cache.get(key)
    if found is None:
        rows = Prediction.objects.filter(as_of=latest, main_reason__isnull=False).order_by()
        found = dict(rows.values_list("main_reason").annotate(n=Count("pk")).order_by("-n", "main_reason"))
        cache.set(key, found, KEPT_SECONDS)
    return found
