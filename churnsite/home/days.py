"""Which days the home page speaks of, and their figures as far as the user may see.

Figures of everybody are those that were kept, and so are those of a user whom only regions limit. The customers of
other limited users are counted, which is remembered for some minutes.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Max

from churnsite.home.remembered import remembered
from customers.visibility import is_limited, visible
from predictions import figures
from predictions.models import DailyFigures, Prediction

__all__ = ["Days", "scope_of"]


def scope_of(user: Any) -> tuple[list[str], list[str]]:
    """The regions and the account managers that limit what the user sees; two empty lists where nothing does."""
    if not is_limited(user):
        return [], []
    return sorted(user.customer_scope.regions), sorted(user.customer_scope.account_managers)


@dataclass
class Days:
    """`latest` is the last date that was scored; `regions` and `managers` limit whose figures these are."""

    user: Any
    latest: dt.date
    regions: list[str]
    managers: list[str]

    @classmethod
    def of(cls, user: Any) -> "Days | None":
        """None before the first date was scored."""
        latest = Prediction.objects.aggregate(day=Max("as_of"))["day"]
        regions, managers = scope_of(user)
        return None if latest is None else cls(user=user, latest=latest, regions=regions, managers=managers)

    @property
    def is_limited(self) -> bool:
        return bool(self.regions or self.managers)

    @cached_property
    def now(self) -> DailyFigures:
        """The figures of the latest date."""
        return self._figures(self.latest)

    @cached_property
    def before(self) -> DailyFigures | None:
        """Those of a week before."""
        return self._week_before(self.latest)

    @cached_property
    def closed(self) -> DailyFigures | None:
        """Those of the last date whose outcomes are known."""
        day = DailyFigures.objects.filter(n_closed__gt=0).values_list("as_of", flat=True).first()
        return None if day is None else self._figures(day)

    @cached_property
    def closed_before(self) -> DailyFigures | None:
        """Those of a week before that."""
        return None if self.closed is None else self._week_before(self.closed.as_of)

    def since(self, first: dt.date) -> list[DailyFigures]:
        """The kept figures from a date on, in order; none for a user whom not only regions limit."""
        rows = DailyFigures.objects.filter(as_of__gte=first, as_of__lte=self.latest).order_by("as_of")
        if not self.is_limited:
            return list(rows.defer("by_region"))
        found = [] if self.managers else [figures.of_regions(row, self.regions) for row in rows]
        return [one for one in found if one is not None]

    def _week_before(self, day: dt.date) -> DailyFigures | None:
        earlier = figures.before(day)
        return None if earlier is None else self._figures(earlier)

    def _figures(self, day: dt.date) -> DailyFigures:
        kept = DailyFigures.objects.filter(as_of=day).first()
        if kept is not None and not self.is_limited:
            return kept
        part = figures.of_regions(kept, self.regions) if kept is not None and not self.managers else None
        return part or self._counted(day, kept)

    def _counted(self, day: dt.date, kept: DailyFigures | None) -> DailyFigures:
        """Counted among the customers whom the user sees; the number of a day that was scored again is another."""
        rows = visible(Prediction.objects.all(), self.user)
        key = ("figures", self.user.pk, self.regions, self.managers, day, kept and kept.made_at)
        found: DailyFigures = remembered(key, lambda: figures.of(rows, as_of=day))
        return found
