"""The day's list of a study with a signal: whom to treat with which arm's measure under a budget, whom not to disturb.

Among those whom the experiment was about: customers with a score of the date who meet its filter. Who is in a running
experiment is left to it, and who is held is kept off, which is recorded.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http.response import HttpResponseBase

from customers import boundary, unsubscribed
from customers.clock import business_date
from customers.commands import Refused
from customers.exports import Table, download
from customers.models import Customer
from customers.personal.masking import masked
from customers.sentences import gettext as _
from customers.spreadsheet import Format
from customers.visibility import visible
from experiments.each import each
from experiments.eligibility import matching
from experiments.models import Assignment, Experiment, UpliftListing, UpliftStudy
from experiments.uplift.choice import Choice, choose
from experiments.uplift.trial import Flags, Vector
from experiments.uplift_learning import Learned, load
from predictions import snapshots
from predictions.artifacts import Damaged
from predictions.models import Prediction
from predictions.value import MONTHLY_VALUE

__all__ = ["EXPORT", "OUTLET", "Made", "export", "latest", "make", "make_all", "table", "treatments"]

OUTLET = "experiments.uplift"
EXPORT = "experiments.uplift.csv"
HEADER = ("customer_id", "name", "experiment", "arm", "measure", "effect", "value", "gain", "listed_on")
BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Made:
    """The list of a date as it stands; `n_held` would have been on it and were kept off, `gain` is what it promises."""

    experiment: str
    on: dt.date
    n_scored: int
    n_listed: int
    n_undisturbed: int
    n_held: int
    cost: Decimal
    gain: Decimal


@dataclass(frozen=True, kw_only=True)
class _Scored:
    """Candidates with their effects and harm by arm, and their values; what one treatment costs."""

    frame: pl.DataFrame
    effect: Vector
    harmed: Flags
    value: Vector
    cost: float

    def where(self, chosen: Flags) -> "_Scored":
        return replace(
            self,
            frame=self.frame.filter(chosen),
            effect=self.effect[chosen],
            harmed=self.harmed[chosen],
            value=self.value[chosen],
        )

    def choose(self, budget: Decimal | None) -> Choice:
        bound = None if budget is None else float(budget)
        return choose(effect=self.effect, value=self.value, cost=self.cost, budget=bound, harmed=self.harmed)


def latest(experiment: Experiment) -> UpliftStudy | None:
    """The study that counts."""
    return experiment.uplift_studies.first()


def make(found: UpliftStudy, *, on: dt.date, budget: Decimal | None = None) -> Made:
    """Make the list of `on` anew, with `budget` or the study's own; the same day's facts make the same list.

    Raises Refused without a signal or a budget, without scores of the date, and where the model's files are damaged.
    """
    budget = found.daily_budget if budget is None else budget
    _check(found, budget)
    try:
        learned = load(found)
    except Damaged as error:
        raise Refused(str(error)) from error
    scored = _scored(found.experiment, learned, _candidates(found.experiment, on))
    free = scored.where(~scored.frame["is_held"].to_numpy())
    with transaction.atomic():
        UpliftStudy.objects.select_for_update().get(pk=found.pk)  # two at once are one after the other
        UpliftListing.objects.filter(study=found, listed_on=on).delete()
        _write(found, on, free, free.choose(budget), list(learned.models))
        n_held = _record_held(scored, scored.choose(budget), on)
    return _made(found, on, scored.frame.height, n_held)


def make_all(*, on: dt.date) -> dict[str, Any]:
    """Make the list of every experiment whose latest study has a budget a day; one that fails stops no other."""
    some = Experiment.objects.filter(uplift_studies__daily_budget__isnull=False).distinct().order_by("pk")
    done, failed = each(some, lambda experiment: _made_daily(experiment, on))
    made = [one for one in done.values() if one is not None]
    return {"listed": sum(one.n_listed for one in made), "experiments": [asdict(one) for one in made], "failed": failed}


def _made_daily(experiment: Experiment, on: dt.date) -> Made | None:
    """None where the latest study has no budget, or nobody of that date is a candidate."""
    found = latest(experiment)
    if found is None or found.daily_budget is None or not _eligible(experiment, on).exists():
        return None
    return make(found, on=on)


def treatments(found: UpliftStudy, *, on: dt.date, today: dt.date | None = None) -> QuerySet[UpliftListing]:
    """Who is to be treated of the list of `on`, and may still be `today` (the list's date if not given), in order."""
    rows = UpliftListing.objects.filter(study=found, listed_on=on, place__isnull=False)
    return (
        boundary.treatable(rows, on=today or on)
        .order_by("place")
        .select_related("customer", "arm", "study__experiment")
    )


def export(
    found: UpliftStudy, *, user: Any, on: dt.date, today: dt.date | None = None, kind: Format = Format.CSV
) -> HttpResponseBase:
    """The file of `table`, at once."""
    return download(table(found, user=user, on=on, today=today), kind)


def table(found: UpliftStudy, *, user: Any, on: dt.date, today: dt.date | None = None) -> Table:
    """`treatments` whom the user may see, for those who treat; who was kept off it is recorded."""
    today = today or business_date()
    unsubscribed.note()  # of today's events; the list may have been made in the morning
    listed = UpliftListing.objects.filter(study=found, listed_on=on, place__isnull=False)
    boundary.suppress(visible(listed, user), outlet=EXPORT, on=today)
    rows = visible(treatments(found, on=on, today=today), user)
    return Table(name=f"uplift-{on}", outlet=EXPORT, header=HEADER, rows=lambda: _rows(rows, user), n_rows=rows.count())


def _check(found: UpliftStudy, budget: Decimal | None) -> None:
    if found.code != UpliftStudy.Code.SIGNAL:
        raise Refused(
            _("The study of “%(name)s” has no signal, so no list can be made of it.") % {"name": found.experiment.name}
        )
    if budget is None:
        raise Refused(_("Name a budget: how much may be spent on the treatments of one day."))


def _candidates(experiment: Experiment, on: dt.date) -> pl.DataFrame:
    """Features of whom the list may be about, with `is_held`; in an order that never changes."""
    rows = _eligible(experiment, on)
    wanted = list(rows.values_list("customer", flat=True))
    if not wanted:
        raise Refused(_("Nobody who was scored as of %(day)s meets the experiment's filter.") % {"day": on})
    held = set(boundary.held(rows, on=on).values_list("customer", flat=True))
    frame = snapshots.read(as_of=on).filter(pl.col("customer_pk").is_in(wanted)).sort("customer_pk")
    return frame.with_columns(is_held=pl.col("customer_pk").is_in(list(held)))


def _eligible(experiment: Experiment, on: dt.date) -> QuerySet[Prediction]:
    """Scores of the date that meet the filter, of customers who are in no running experiment; held ones among them."""
    elsewhere = Assignment.objects.filter(customer=OuterRef("customer"), is_current=True)
    return matching(experiment, as_of=on).exclude(Exists(elsewhere)).order_by()


def _scored(experiment: Experiment, learned: Learned, frame: pl.DataFrame) -> _Scored:
    matrix = learned.encoding.matrix(frame)
    effect = np.column_stack([model.effect(matrix) for model in learned.models.values()])
    bounds = np.array([-np.inf if bound is None else bound for bound in map(learned.harm.get, learned.models)])
    return _Scored(
        frame=frame,
        effect=effect,
        harmed=(effect <= bounds) & (effect < 0),
        value=_values(experiment, frame),
        cost=float(experiment.treatment_cost),
    )


def _values(experiment: Experiment, frame: pl.DataFrame) -> Vector:
    if experiment.value_source == Experiment.Value.FIXED:
        return np.full(frame.height, float(experiment.value or 0))
    return frame[MONTHLY_VALUE].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _write(found: UpliftStudy, on: dt.date, free: _Scored, chosen: Choice, arms: Sequence[int]) -> None:
    customers = free.frame["customer_pk"].to_list()

    def listing(at: int, effect: float, **more: Any) -> UpliftListing:
        value = None if np.isnan(free.value[at]) else _money(free.value[at])
        return UpliftListing(
            study=found, customer_id=customers[at], listed_on=on, effect=float(effect), value=value, **more
        )

    treat = (
        listing(at, chosen.effect[at], place=place, arm_id=arms[int(chosen.arm[at])], net=_money(chosen.net[at]))
        for place, at in enumerate(chosen.treat.tolist(), start=1)
    )
    leave = (listing(at, chosen.least[at]) for at in chosen.leave.tolist())
    for rows in (treat, leave):
        UpliftListing.objects.bulk_create(rows, batch_size=BATCH)


def _record_held(scored: _Scored, anybody: Choice, on: dt.date) -> int:
    """Who would have been on the list if nobody were held, and is held."""
    reached = scored.frame[anybody.treat]
    customers = reached.filter(pl.col("is_held"))["customer_pk"].to_list()
    waves = [customers[at : at + BATCH] for at in range(0, len(customers), BATCH)]
    return sum(
        boundary.suppress(Customer.objects.filter(pk__in=wave), outlet=OUTLET, on=on, customer="pk") for wave in waves
    )


def _made(found: UpliftStudy, on: dt.date, n_scored: int, n_held: int) -> Made:
    rows = UpliftListing.objects.filter(study=found, listed_on=on)
    gains = list(rows.filter(place__isnull=False).values_list("net", flat=True))
    return Made(
        experiment=found.experiment.name,
        on=on,
        n_scored=n_scored,
        n_listed=len(gains),
        n_undisturbed=rows.filter(place=None).count(),
        n_held=n_held,
        cost=found.experiment.treatment_cost * len(gains),
        gain=sum((gain for gain in gains if gain is not None), Decimal(0)),
    )


def _rows(rows: QuerySet[UpliftListing], user: Any) -> Iterator[list[Any]]:
    for one in rows.iterator(chunk_size=BATCH):
        arm = one.arm
        yield [
            *(one.customer.customer_id, masked(one.customer.name, user), one.study.experiment.name),
            *((arm.name, arm.measure) if arm else ("", "")),
            *(round(one.effect, 6), one.value, one.net, one.listed_on),
        ]


def _money(amount: float) -> Decimal:
    return Decimal(str(round(float(amount), 2)))
