"""The treatment list of an experiment: whose turn it is on a date, and which control customers would have had theirs.

With a bound on the treatments a day, everybody who waits stands in one line, those at highest risk first, whichever
arm they are in. It is walked until as many were listed as can be treated; control customers who are met on the way
become ghosts. So listed customers and ghosts are alike but for the treatment, as in ghost ads (Johnson, Lewis and
Nubbemeyer 2017, Ghost Ads: Improving the Economics of Measuring Online Ad Effectiveness).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.http.response import HttpResponseBase

from customers import boundary, outbox, unsubscribed
from customers.clock import business_date
from customers.commands import Refused
from customers.exports import Table, download
from customers.personal.masking import masked
from customers.sentences import gettext as _
from customers.spreadsheet import Format
from customers.visibility import visible
from experiments import sets
from experiments.assignment import ghost_draw, turn_draw
from experiments.each import each
from experiments.models import Assignment, Experiment, Listing

__all__ = ["API", "EXPORT", "OUTLET", "Made", "days", "export", "let_out", "make", "make_all", "table", "treatments"]

OUTLET = "experiments.treatments"
EXPORT = "experiments.treatments.csv"
API = "experiments.treatments.api"
COLUMNS = ("assignment_id", "arm_id", "is_ghost", "listed_on")
HEADER = ("customer_id", "name", "experiment", "arm", "measure", "probability", "risk_level", "listed_on")


Seen = Callable[[QuerySet[Assignment]], QuerySet[Assignment]]


class Waiting(NamedTuple):
    """Somebody in the line; `assignment` and `arm` are primary keys."""

    assignment: int
    arm: int
    is_control: bool
    probability: Decimal
    customer_id: str


@dataclass(frozen=True, kw_only=True)
class Made:
    """The list of a date as it stands: those to be treated by arm, and ghosts; `n_new` came with this making of it."""

    experiment: str
    on: dt.date
    n_new: int
    arms: dict[str, int]
    n_ghosts: int

    @property
    def n_treatments(self) -> int:
        """How many are to be treated."""
        return sum(self.arms.values())


def make(experiment: Experiment, *, on: dt.date) -> Made:
    """Put on the list of `on` whose turn has come, and record who was kept off; a second time finds nobody.

    Raises Refused unless the experiment is running.
    """
    with transaction.atomic():
        row = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if row.state != Experiment.State.RUNNING:
            facts = {"name": row.name, "state": row.get_state_display()}
            raise Refused(_("“%(name)s” is %(state)s; lists are made only while it is running.") % facts)
        before = _made(row, on, n_before=0)
        with sets.into(Listing, COLUMNS) as write:
            for batch in sets.batches(_turns(row, on)):
                write(batch)
        _record_kept_off(row, on)
        made = _made(row, on, n_before=before.n_new)
        if made.n_treatments > before.n_treatments:
            told = {"experiment": row.pk, "listed_on": on.isoformat(), "n_treatments": made.n_treatments}
            outbox.emit(outbox.Kind.TREATMENTS_READY, told)
        return made


def make_all(*, on: dt.date) -> dict[str, Any]:
    """Make the list of every running experiment; one that fails is told and does not stop the others."""
    running = Experiment.objects.filter(state=Experiment.State.RUNNING).order_by("started_on", "pk")
    done, failed = each(running, lambda one: make(one, on=on))
    told = [asdict(one) for one in done.values()]
    return {"listed": sum(one.n_new for one in done.values()), "experiments": told, "failed": failed}


def treatments(
    experiment: Experiment, *, on: dt.date | None = None, today: dt.date | None = None
) -> QuerySet[Assignment]:
    """Who is to be treated: those on the list of `on`, or on any list, who may still be treated `today`.

    Never a control customer, nobody once the experiment has ended, and nobody whose observation days are over. `today`
    is the date of the list where it is not given, or the business date where neither is.
    """
    today = today or on or business_date()
    rows = _on_lists(experiment, on, today).filter(listing__is_ghost=False, arm__is_control=False)
    in_order = boundary.treatable(rows, on=today).order_by("listing__listed_on", "-probability", "pk")
    return in_order.select_related("customer", "arm", "listing", "experiment")


def let_out(
    experiment: Experiment, *, outlet: str, seen: Seen, on: dt.date | None = None, today: dt.date, is_first: bool = True
) -> QuerySet[Assignment]:
    """`treatments` of the customers whom `seen` leaves in sight; who was kept off `outlet` is recorded.

    A list that goes out in pages is recorded whole with the `is_first`; each page asks the boundary again.
    """
    unsubscribed.note()  # of today's events; the list may have been made in the morning
    if is_first:
        boundary.suppress(seen(_on_lists(experiment, on, today)), outlet=outlet, on=today)
    return seen(treatments(experiment, on=on, today=today))


def export(
    experiment: Experiment,
    *,
    user: Any,
    on: dt.date | None = None,
    today: dt.date | None = None,
    kind: Format = Format.CSV,
) -> HttpResponseBase:
    """The file of `table`, at once."""
    return download(table(experiment, user=user, on=on, today=today), kind)


def table(experiment: Experiment, *, user: Any, on: dt.date | None = None, today: dt.date | None = None) -> Table:
    """`treatments` whom the user may see, for those who treat; who was kept off it is recorded."""
    today = today or on or business_date()
    rows = let_out(experiment, outlet=EXPORT, seen=lambda rows: visible(rows, user), on=on, today=today)
    name, n_rows = f"treatments-{on or today}", rows.count()
    return Table(name=name, outlet=EXPORT, header=HEADER, rows=lambda: _rows(rows, user), n_rows=n_rows)


def days(experiment: Experiment, *, today: dt.date) -> list[dt.date]:
    """The dates of the lists that name somebody who is still watched `today`, the newest first."""
    rows = _on_lists(experiment, None, today).filter(listing__is_ghost=False)
    dates = rows.order_by("-listing__listed_on").values_list("listing__listed_on", flat=True)
    return list(dates.distinct())


def _on_lists(experiment: Experiment, on: dt.date | None, today: dt.date) -> QuerySet[Assignment]:
    """Those on the list of `on`, or on any, ghosts among them, who are still watched `today`."""
    rows = _watched(experiment, today).filter(experiment__state=Experiment.State.RUNNING)
    return rows.filter(listing__listed_on=on) if on else rows.filter(listing__isnull=False)


def _turns(experiment: Experiment, on: dt.date) -> Iterator[tuple[Any, ...]]:
    """The rows of the list of `on` that are not there yet."""
    treated = [arm for arm in experiment.arms.all() if not arm.is_control]
    shares = [arm.share for arm in treated]
    left = _capacity_left(experiment, on)
    for one in _line(experiment, on):
        if left == 0:
            return
        arm = one.arm
        if one.is_control:
            arm = treated[ghost_draw(experiment.salt, one.customer_id, shares)].pk
        elif left is not None:
            left -= 1
        yield one.assignment, arm, one.is_control, on


def _line(experiment: Experiment, on: dt.date) -> Iterator[Waiting]:
    """Those who wait and may be treated as far as others are concerned: by falling probability, then by their draws.

    A customer of the control group is left out for what would keep a treated one out as well, such as an opt-out.
    """
    waiting = _watched(experiment, on).filter(listing=None)
    rows = boundary.treatable(waiting, on=on, besides=experiment.source)
    columns = ("pk", "arm", "arm__is_control", "probability", "customer__customer_id")
    order = "pk" if experiment.daily_capacity is None else "-probability"
    stream = rows.order_by(order).values_list(*columns).iterator(chunk_size=sets.BATCH)
    line = (Waiting(*row) for row in stream)
    if experiment.daily_capacity is None:
        yield from line
        return
    for _probability, equal in groupby(line, key=attrgetter("probability")):
        yield from sorted(equal, key=lambda one: turn_draw(experiment.salt, one.customer_id))


def _watched(experiment: Experiment, on: dt.date) -> QuerySet[Assignment]:
    """Those whose observation days hold the date; a treatment later than that would be seen by nobody."""
    since = on - dt.timedelta(days=experiment.observation_days)
    return Assignment.objects.filter(experiment=experiment, enrolled_on__gt=since, enrolled_on__lte=on)


def _listed(experiment: Experiment, on: dt.date) -> QuerySet[Listing]:
    return Listing.objects.filter(assignment__experiment=experiment, listed_on=on)


def _capacity_left(experiment: Experiment, on: dt.date) -> int | None:
    """How many more can be treated on that date; None where there is no bound."""
    if experiment.daily_capacity is None:
        return None
    return max(0, experiment.daily_capacity - _listed(experiment, on).filter(is_ghost=False).count())


def _record_kept_off(experiment: Experiment, on: dt.date) -> None:
    """The ghosts of the date, and those of the treated arms whose turn it was and who are held by something else."""
    mine = _watched(experiment, on)
    boundary.suppress(mine.filter(listing__is_ghost=True, listing__listed_on=on), outlet=OUTLET, on=on)
    reached = mine.filter(listing=None, arm__is_control=False)
    if _capacity_left(experiment, on) == 0:
        last = mine.filter(listing__listed_on=on).aggregate(Min("probability"))["probability__min"]
        reached = reached.filter(probability__gte=last)
    boundary.suppress(reached, outlet=OUTLET, on=on)


def _made(experiment: Experiment, on: dt.date, *, n_before: int) -> Made:
    counts = _listed(experiment, on).order_by().values_list("arm", "is_ghost").annotate(n=Count("pk"))
    found = {(arm, is_ghost): n for arm, is_ghost, n in counts}
    return Made(
        experiment=experiment.name,
        on=on,
        n_new=sum(found.values()) - n_before,
        arms={arm.name: found.get((arm.pk, False), 0) for arm in experiment.arms.all() if not arm.is_control},
        n_ghosts=sum(n for (_arm, is_ghost), n in found.items() if is_ghost),
    )


def _rows(rows: QuerySet[Assignment], user: Any) -> Iterator[list[Any]]:
    for one in rows.iterator(chunk_size=2_000):
        customer = one.customer
        yield [
            *(
                customer.customer_id,
                masked(customer.name, user),
                one.experiment.name,
                one.arm.name,
                one.arm.measure,
            ),
            *(one.probability, one.risk_level, one.listing.listed_on),
        ]
