"""What a day's predictions add up to: counted once, when they or their outcomes change, and read from then on.

`of` counts any rows of a day, such as those that a user may see; `keep` stores what all of a day's rows come to, and
what those of each region do, of which `of_regions` makes the figures of some.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Floor

from predictions.modelling.risk import AT_RISK
from predictions.models import DailyFigures, Prediction

__all__ = ["COMPARED_DAYS", "STEPS", "before", "keep", "keep_missing", "of", "of_regions"]

STEPS = 20
COMPARED_DAYS = 7
MOST_REGIONS = 500
_FACTS = (
    *("n_low", "n_medium", "n_high", "n_critical", "value_at_risk", "histogram"),
    *("n_closed", "n_churned", "horizon_days", "by_region"),
)


class Group(NamedTuple):
    """Predictions of one risk level and step of probability; `value` is None where none is known."""

    level: str
    step: int
    n: int
    value: str | Decimal | None
    n_closed: int
    n_churned: int


def of(rows: QuerySet[Prediction], *, as_of: dt.date) -> DailyFigures:
    """The figures of those of `rows` that are of a date, not stored."""
    groups = [Group(*found) for found in _counted(rows.filter(as_of=as_of))]
    return _summed(groups, as_of=as_of, horizon_days=_horizon(as_of))


def of_regions(day: DailyFigures, regions: Iterable[str]) -> DailyFigures | None:
    """The part of kept figures that is of some regions, not stored; None where regions were not kept apart."""
    if not day.by_region:
        return None
    groups = [Group(*found) for region in regions for found in day.by_region.get(region, ())]
    return _summed(groups, as_of=day.as_of, horizon_days=day.horizon_days)


def keep(as_of: dt.date) -> None:
    """Store the figures of a date, in place of those that were there; none where nobody is scored."""
    by_region: dict[str, list[Group]] = {}
    for *found, region in _counted(Prediction.objects.filter(as_of=as_of), "customer__region"):
        by_region.setdefault(region, []).append(Group(*found))
    if not by_region:
        DailyFigures.objects.filter(as_of=as_of).delete()
        return
    groups = [group for part in by_region.values() for group in part]
    kept = _summed(groups, as_of=as_of, horizon_days=_horizon(as_of))
    if len(by_region) <= MOST_REGIONS:
        kept.by_region = {region: [_plain(group) for group in part] for region, part in by_region.items()}
    facts = {name: getattr(kept, name) for name in _FACTS}
    DailyFigures.objects.update_or_create(as_of=as_of, defaults=facts)


def keep_missing() -> list[dt.date]:
    """Store the figures of every date that was scored and has none; those dates."""
    kept = set(DailyFigures.objects.values_list("as_of", flat=True))
    missing = [day for day in _scored_days() if day not in kept]
    for day in missing:
        keep(day)
    return missing


def before(as_of: dt.date) -> dt.date | None:
    """The last date scored a week before or, where that one was left out, in the week before it."""
    until = as_of - dt.timedelta(days=COMPARED_DAYS)
    days = DailyFigures.objects.filter(as_of__range=(until - dt.timedelta(days=COMPARED_DAYS - 1), until))
    return days.order_by("-as_of").values_list("as_of", flat=True).first()


def _counted(day: QuerySet[Prediction], *more: str) -> Any:
    """A row for each risk level and step of probability, in the order of a Group, and then of what `more` names."""
    groups = day.order_by().annotate(step=Floor(F("probability") * STEPS)).values("risk_level", "step", *more)
    counted = groups.annotate(
        n=Count("pk"),
        value=Sum("monthly_value"),
        closed=Count("pk", filter=Q(churned__isnull=False)),
        left=Count("pk", filter=Q(churned=True)),
    )
    return counted.values_list("risk_level", "step", "n", "value", "closed", "left", *more)


def _summed(groups: list[Group], *, as_of: dt.date, horizon_days: int) -> DailyFigures:
    found = DailyFigures(as_of=as_of, histogram=[0] * STEPS, value_at_risk=None, horizon_days=horizon_days)
    for group in groups:
        _add(found, group)
    if found.n_at_risk == 0:
        found.value_at_risk = Decimal(0)
    return found


def _add(found: DailyFigures, group: Group) -> None:
    name = f"n_{group.level}"
    setattr(found, name, getattr(found, name) + group.n)
    found.histogram[min(int(group.step), STEPS - 1)] += group.n
    found.n_closed += group.n_closed
    found.n_churned += group.n_churned
    if group.level in AT_RISK and group.value is not None:
        found.value_at_risk = (found.value_at_risk or Decimal(0)) + Decimal(group.value)


def _plain(group: Group) -> list[Any]:
    """As JSON keeps it."""
    return [*group._replace(step=int(group.step), value=None if group.value is None else str(group.value))]


def _horizon(as_of: dt.date) -> int:
    """The horizon of the model that scored a date; 0 where nobody was scored."""
    # In an index's order: with a million rows a day, looking for any row may take the database through all others.
    rows = Prediction.objects.filter(as_of=as_of).order_by("-as_of", "-probability", "customer_id")
    return rows.values_list("model__horizon_days", flat=True).first() or 0


def _scored_days() -> Iterator[dt.date]:
    """Every date with predictions, by one look into the index for each: a date may have a million rows."""
    day = _first_after(None)
    while day is not None:
        yield day
        day = _first_after(day)


def _first_after(day: dt.date | None) -> dt.date | None:
    rows = Prediction.objects.all() if day is None else Prediction.objects.filter(as_of__gt=day)
    return rows.order_by("as_of").values_list("as_of", flat=True).first()
