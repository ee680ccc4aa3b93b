"""What the scores and settings let one expect of an experiment: who is eligible, who comes each day, who would leave.

The customers who meet the filter today are the stock, which the first enrolment takes; after it come those who meet the
filter for the first time, as many a day as in the last two weeks. Without the measure customers are expected to leave
as often as the model says of those who are eligible.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Avg, Count, Exists, F, Min, OuterRef, prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from experiments.eligibility import eligible, matching, meeting
from experiments.models import Assignment, Experiment
from experiments.stats.planner import Plan as Sizes
from predictions.models import Prediction

__all__ = ["Assumptions", "assume"]

WINDOW = dt.timedelta(days=14)
KEPT_SECONDS = 3_600
SAMPLE = 20_000
"""Where more customers match than this, those who come each day are counted on one of every so many of them."""


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What a plan rests on: rates and shares from 0 to 1; `arms` are the treated arms' shares by name.

    `stock` can be enrolled on the first day, `daily` on each later one; `enrolled` are in already. `base_rate` is the
    share expected to leave untreated; it and `daily` are None where nothing is known of them.
    """

    begins_on: dt.date
    ends_on: dt.date
    observation_days: int
    control_share: float
    arms: dict[str, float]
    base_rate: float | None
    daily: float | None
    effect: float
    alpha: float = 0.05
    power: float = 0.80
    stock: int = 0
    enrolled: int = 0
    control: str = "control"
    daily_capacity: int | None = None
    notes: tuple[str, ...] = ()

    def enrolled_by(self, on: dt.date) -> float:
        """How many are expected to be in at the end of that date."""
        days = (on - self.begins_on).days
        return self.enrolled if days < 0 else self.enrolled + self.stock + (self.daily or 0.0) * days

    @property
    def is_split(self) -> bool:
        """Whether there are two groups to compare."""
        return self.control_share > 0 and bool(self.arms) and min(self.arms.values()) > 0

    @property
    def shares(self) -> dict[str, float]:
        """Of every arm, the control group first."""
        return {self.control: self.control_share, **self.arms}

    @property
    def sizes(self) -> Sizes:
        """Of the smallest arm against the control; more than one arm shares the level, which Holm's does at worst."""
        return Sizes(
            control_share=self.control_share,
            arm_share=min(self.arms.values()),
            alpha=self.alpha / len(self.arms),
            power=self.power,
        )

    @property
    def compared(self) -> float:
        """The part of the enrolled who are in the control group or the smallest arm."""
        return self.control_share + min(self.arms.values())


@dataclass(frozen=True, kw_only=True)
class _Today:
    """The latest day that was scored: who matches and can be enrolled, the mean risk, the model's horizon."""

    on: dt.date | None = None
    matched: int = 0
    free: int = 0
    rate: float | None = None
    horizon: int | None = None


def assume(experiment: Experiment, *, on: dt.date, by: dt.date | None = None) -> Assumptions:
    """As things stand on a date; `by` asks for another end of enrolment. Refused for a filter that cannot be."""
    prefetch_related_objects([experiment], "conditions", "arms")
    today = _today(experiment, on)
    is_open = experiment.state in (Experiment.State.DRAFT, Experiment.State.RUNNING)
    control = next((arm for arm in experiment.arms.all() if arm.is_control), None)
    return Assumptions(
        begins_on=max(experiment.starts_on, on),
        ends_on=by or experiment.ended_on or experiment.ends_on,
        observation_days=experiment.observation_days,
        control=control.name if control else "",
        control_share=float(control.share) if control else 0.0,
        arms={arm.name: float(arm.share) for arm in experiment.arms.all() if not arm.is_control},
        base_rate=today.rate,
        daily=_daily(experiment, today) if is_open else 0.0,
        effect=float(experiment.smallest_effect),
        alpha=float(experiment.significance),
        power=float(experiment.power),
        stock=today.free if is_open else 0,
        enrolled=Assignment.objects.filter(experiment=experiment).count(),
        daily_capacity=experiment.daily_capacity,
        notes=tuple(_notes(experiment, today, on)),
    )


def _today(experiment: Experiment, on: dt.date) -> _Today:
    scored_on = Prediction.objects.filter(as_of__lte=on).order_by("-as_of").values_list("as_of", flat=True).first()
    if scored_on is None:
        return _Today()
    matched = matching(experiment, as_of=scored_on)
    found = matched.aggregate(n=Count("pk"), rate=Avg("probability"))
    return _Today(
        on=scored_on,
        matched=found["n"],
        free=eligible(experiment, as_of=scored_on).count(),
        rate=None if found["rate"] is None else float(found["rate"]),
        horizon=matched.order_by("-probability", "customer").values_list("model__horizon_days", flat=True).first(),
    )


def _daily(experiment: Experiment, today: _Today) -> float | None:
    """How many meet the filter for the first time on a day of the window, less the part that cannot be enrolled."""
    if today.on is None:
        return None
    days = _scored_days(today.on)
    if len(days) < 2:
        return None
    matched, n_matched = matching(experiment, as_of=today.on), today.matched
    first = _first_days_kept(experiment, days, one_of=max(1, n_matched // SAMPLE))
    new = sum(first[day] for day in days[1:]) / (days[-1] - days[0]).days
    mine = Assignment.objects.filter(experiment=experiment, customer=OuterRef("customer"))
    # Of those who match today, the part that is held back neither by anybody nor by another experiment.
    n_free = today.free + matched.filter(Exists(mine)).count()
    return new * (n_free / n_matched if n_matched else 1.0)


def _scored_days(last: dt.date) -> list[dt.date]:
    """The days of the window that were scored, in order; a look into the index each."""
    found = []
    day: dt.date | None = last
    while day is not None:
        found.append(day)
        earlier = Prediction.objects.filter(as_of__lt=day, as_of__gt=last - WINDOW).order_by("-as_of")
        day = earlier.values_list("as_of", flat=True).first()
    return found[::-1]


def _first_days_kept(experiment: Experiment, days: Sequence[dt.date], *, one_of: int) -> dict[dt.date, int]:
    """The same; where it takes long it is kept for an hour, for past days stay as they were scored."""
    if one_of == 1:
        return _first_days(experiment, days, one_of=1)
    conditions = [(one.attribute, one.operator, one.values) for one in experiment.conditions.all()]
    rule = repr((experiment.min_probability, experiment.risk_levels, conditions, days, one_of))
    key = f"first-days:{hashlib.sha256(rule.encode()).hexdigest()}"
    found: dict[dt.date, int] | None = cache.get(key)
    if found is None:
        found = _first_days(experiment, days, one_of=one_of)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _first_days(experiment: Experiment, days: Sequence[dt.date], *, one_of: int) -> dict[dt.date, int]:
    """By day: how many customers matched on it for the first time of these days; counted on one of so many of them."""
    window = meeting(experiment).filter(as_of__in=days).order_by()
    if one_of > 1:
        window = window.annotate(part=F("customer_id") % one_of).filter(part=0)
    first = dict.fromkeys(days, 0)
    found = window.values("customer").annotate(first=Min("as_of")).values_list("first", flat=True)
    for day in found.iterator(chunk_size=10_000):
        first[day] += one_of
    return first


def _notes(experiment: Experiment, today: _Today, on: dt.date) -> Iterator[str]:
    """How far the assumptions may be off, a sentence each."""
    if today.on is None:
        yield _("Nobody has been scored yet, so nothing can be expected: run the daily job first.")
        return
    if today.on < on:
        yield _("The latest scores are of %(day)s.") % {"day": date_format(today.on)}
    if today.rate is None:
        yield _("On %(day)s nobody met the filter.") % {"day": date_format(today.on)}
    if today.horizon and today.horizon != experiment.observation_days:
        texts = {"horizon": today.horizon, "days": experiment.observation_days}
        yield (
            _(
                "The model's probability is of no activity within %(horizon)s days, the experiment watches %(days)s: "
                "the rate will differ from what is assumed here."
            )
            % texts
        )
