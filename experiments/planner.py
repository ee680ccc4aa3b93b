"""Before an experiment: how many customers it needs, how long they take to come, and what can be seen by when."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from django.utils.translation import gettext as _

from experiments.models import Experiment
from experiments.prospects import Assumptions, assume
from experiments.stats.planner import detectable_rate, needed_customers

__all__ = ["Assumptions", "Needed", "Plan", "Point", "plan", "project"]

FARTHEST = 3 * 365
POINTS = 60
FEWEST_CONTROLS = 30


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The sample at which the smallest effect worth seeing is found with the power asked for."""

    enrolled: int
    arms: dict[str, int]
    days: int | None
    enrolled_on: dt.date | None
    known_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Point:
    """With enrolment up to the date `on`: how many are in, and the smallest effect that they can show."""

    on: dt.date
    enrolled: int
    effect: float | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What was assumed and what follows; `warnings` are sentences in the reader's language."""

    assumed: Assumptions
    needed: Needed | None
    at_end: Point
    points: Sequence[Point] = ()
    warnings: Sequence[str] = field(default_factory=tuple)


def plan(experiment: Experiment, *, on: dt.date, by: dt.date | None = None) -> Plan:
    """The plan of an experiment as things stand on a date; `by` asks for another end of enrolment.

    Raises Refused for a filter that cannot be applied.
    """
    return project(assume(experiment, on=on, by=by))


def project(assumed: Assumptions) -> Plan:
    """What follows from the assumptions."""
    needed = _needed(assumed)
    at_end = _point(assumed, assumed.ends_on)
    return Plan(
        assumed=assumed,
        needed=needed,
        at_end=at_end,
        points=[_point(assumed, day) for day in _days(assumed, needed)],
        warnings=[*assumed.notes, *_warnings(assumed, needed, at_end)],
    )


def _needed(assumed: Assumptions) -> Needed | None:
    """None where the effect cannot be, or nothing is known of the rate."""
    rate = assumed.base_rate
    if rate is None or not assumed.is_split or assumed.effect > rate:
        return None
    compared = needed_customers(control_rate=rate, arm_rate=rate - assumed.effect, plan=assumed.sizes)
    if compared is None:
        return None
    enrolled = ceil(compared / assumed.compared)
    days = _days_until(assumed, enrolled)
    enrolled_on = None if days is None else assumed.begins_on + dt.timedelta(days=days)
    watched = dt.timedelta(days=assumed.observation_days)
    return Needed(
        enrolled=enrolled,
        arms={name: ceil(enrolled * share) for name, share in assumed.shares.items()},
        days=days,
        enrolled_on=enrolled_on,
        known_on=enrolled_on + watched if enrolled_on else None,
    )


def _days_until(assumed: Assumptions, enrolled: int) -> int | None:
    """Days after the first on which so many are in; None where that is not in sight."""
    missing = enrolled - assumed.enrolled - assumed.stock
    if missing <= 0:
        return 0
    if not assumed.daily:
        return None
    days = ceil(missing / assumed.daily)
    return days if days <= FARTHEST else None


def _point(assumed: Assumptions, on: dt.date) -> Point:
    enrolled = assumed.enrolled_by(on)
    return Point(on=on, enrolled=round(enrolled), effect=_effect(assumed, enrolled))


def _effect(assumed: Assumptions, enrolled: float) -> float | None:
    """The smallest difference that so many show with the power asked for; None where even the whole rate is not."""
    rate = assumed.base_rate
    if not rate or not assumed.is_split or enrolled < 1:
        return None
    seen = detectable_rate(control_rate=rate, customers=enrolled * assumed.compared, plan=assumed.sizes)
    return None if seen is None else rate - seen


def _days(assumed: Assumptions, needed: Needed | None) -> Iterator[dt.date]:
    """Dates for the chart: from the beginning to the end, or until the sample is there, and a little further."""
    last = max(assumed.ends_on, needed.enrolled_on if needed and needed.enrolled_on else assumed.ends_on)
    length = max((last - assumed.begins_on).days, 1)
    step = ceil(length * 1.15 / POINTS)
    for days in range(0, ceil(length * 1.15) + 1, step):
        yield assumed.begins_on + dt.timedelta(days=days)


def _warnings(assumed: Assumptions, needed: Needed | None, at_end: Point) -> Iterator[str]:
    """What somebody about to start it ought to know, a sentence each."""
    if assumed.ends_on < assumed.begins_on:
        yield _("Nobody is enrolled any more: the end date is over.")
    elif not assumed.stock and not assumed.enrolled:
        yield _("Nobody is eligible at present: see the lowest risk, the risk levels and the conditions.")
    if assumed.base_rate is not None and assumed.effect > assumed.base_rate:
        texts = {"effect": _percent(assumed.effect), "rate": _percent(assumed.base_rate)}
        yield (
            _(
                "The smallest effect worth seeing (%(effect)s) is more than the share expected to leave (%(rate)s): "
                "no measure can keep more customers than leave."
            )
            % texts
        )
    if assumed.daily is None and assumed.base_rate is not None:
        yield _("How many come each day is not known yet: it takes two days with scores.")
    yield from _too_few(assumed, needed, at_end)
    yield from _thin(assumed, at_end)


def _too_few(assumed: Assumptions, needed: Needed | None, at_end: Point) -> Iterator[str]:
    if needed is None or at_end.enrolled >= needed.enrolled:
        return
    texts = {"n": f"{at_end.enrolled:,}", "needed": f"{needed.enrolled:,}", "effect": _percent(assumed.effect)}
    yield _(
        "By the end date about %(n)s customers are enrolled; %(needed)s are needed to see an effect of %(effect)s."
    ) % (texts)
    if at_end.effect is not None:
        yield _("With so many, the smallest effect that is found as often as asked for is %(effect)s.") % {
            "effect": _percent(at_end.effect)
        }
    if needed.days is None:
        yield _(
            "At this pace the sample is not there within three years: enlarge the circle, the control group, or both."
        )


def _thin(assumed: Assumptions, at_end: Point) -> Iterator[str]:
    """A control group too small to say anything, and lists too short to reach the treated arms."""
    n_control = at_end.enrolled * assumed.control_share
    if at_end.enrolled and n_control < FEWEST_CONTROLS:
        yield _("The control group has about %(n)s customers by the end date: too few to say much.") % {
            "n": round(n_control)
        }
    days = (assumed.ends_on - assumed.begins_on).days + 1
    n_treated = at_end.enrolled * sum(assumed.arms.values())
    if assumed.daily_capacity and days > 0 and assumed.daily_capacity * days < n_treated:
        texts = {"n": f"{assumed.daily_capacity * days:,}", "treated": f"{round(n_treated):,}"}
        yield (
            _(
                "Only %(n)s of about %(treated)s customers of the treated arms can be treated by the end date, so the "
                "effect on all of them is smaller than on those who are reached."
            )
            % texts
        )


def _percent(share: float) -> str:
    return f"{share * 100:.2g} %" if share < 0.1 else f"{share:.1%}".replace("%", " %")
