"""Tracking: what became of each assigned customer once its observation days are over.

Every ripe outcome is computed anew from the events each time, so that late ones correct it; only what changed is
written. Twice changes nothing. Once an experiment is finalised its outcomes stay; the database refuses to change them.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.alone import alone
from customers.archive.kinds import cents
from customers.commands import Advance
from experiments import sets
from experiments.each import each, followed
from experiments.erased import known
from experiments.models import Assignment, Experiment, Outcome
from experiments.observation import ASSIGNED, FIGURES, observe

__all__ = ["Tracked", "ripe", "track", "track_all"]

WAVE = 500_000
CHUNK = 20_000
COLUMNS = {
    "status": "churned",
    "n_purchases": "n_purchases",
    "amount": "cents",
    "n_active_days": "n_active_days",
    "n_complaints": "n_complaints",
    "n_unsubscribes": "n_unsubscribes",
    "n_purchases_before": "n_purchases_before",
    "amount_before": "cents_before",
    "n_active_days_before": "n_active_days_before",
    "first_treated_at": "first_treated_at",
    "treatment_cost": "cost_cents",
}
WRITTEN = ("assignment_id", *COLUMNS, "n_corrections", "observed_at")
STATUS = Outcome.Status


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """Customers whose days are over; of them those known for the first time, and those that late events changed."""

    n_ripe: int = 0
    n_new: int = 0
    n_corrected: int = 0

    def __add__(self, other: "Tracked") -> "Tracked":
        return Tracked(
            n_ripe=self.n_ripe + other.n_ripe,
            n_new=self.n_new + other.n_new,
            n_corrected=self.n_corrected + other.n_corrected,
        )


def track_all(*, as_of: dt.date, advance: Advance | None = None) -> dict[str, Any]:
    """Every experiment that is followed; {"ripe", "new", "corrected", "failed"}."""
    done, failed = each(followed(), lambda experiment: track(experiment, as_of=as_of, advance=advance))
    total = sum(done.values(), Tracked())
    counts = {name.removeprefix("n_"): number for name, number in asdict(total).items()}
    return counts | {"failed": failed}


def track(experiment: Experiment, *, as_of: dt.date, advance: Advance | None = None) -> Tracked:
    """Store and correct the outcomes of everybody whose days were over by `as_of`; nothing once it is finalised."""
    with alone("experiment", experiment.pk):
        experiment.refresh_from_db(fields=["finalised_at"])
        if experiment.finalised_at is not None:
            return Tracked()
        return _track(experiment, as_of, advance or Advance())


def ripe(experiment: Experiment, *, as_of: dt.date) -> QuerySet[Assignment]:
    """The assignments whose observation days were over before `as_of`."""
    latest = as_of - dt.timedelta(days=experiment.observation_days)
    return known(Assignment.objects.filter(experiment=experiment, enrolled_on__lte=latest))


def _track(experiment: Experiment, as_of: dt.date, advance: Advance) -> Tracked:
    total = Tracked()
    waves = list(_waves(experiment, as_of))
    for done, (first, last) in enumerate(waves, start=1):
        seen = observe(_assigned(experiment, first, last), observation_days=experiment.observation_days)
        total += _store(seen.sort("assignment_pk"))
        advance(_("Outcomes"), done, len(waves))
    return total


def _waves(experiment: Experiment, as_of: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """First and last enrolment dates of runs of at most WAVE customers, or of one date that has more."""
    days = ripe(experiment, as_of=as_of).order_by().values("enrolled_on").annotate(n=Count("pk"))
    run: list[dt.date] = []
    size = 0
    for day, n in days.order_by("enrolled_on").values_list("enrolled_on", "n"):
        if run and size + n > WAVE:
            yield run[0], run[-1]
            run, size = [], 0
        run.append(day)
        size += n
    if run:
        yield run[0], run[-1]


def _assigned(experiment: Experiment, first: dt.date, last: dt.date) -> pl.DataFrame:
    rows = known(Assignment.objects.filter(experiment=experiment, enrolled_on__range=(first, last))).order_by()
    plain = rows.values_list("pk", "customer_id", "customer__customer_id", "enrolled_on").iterator(chunk_size=CHUNK)
    return pl.DataFrame(list(plain), schema=ASSIGNED, orient="row")


def _store(seen: pl.DataFrame) -> Tracked:
    total = Tracked()
    for chunk in seen.iter_slices(CHUNK):
        total += _store_chunk(chunk)
    return total


def _store_chunk(seen: pl.DataFrame) -> Tracked:
    """Write what is new or other than it was."""
    stored = _stored(seen["assignment_pk"])
    both = seen.join(stored, on="assignment_pk", how="left", suffix="_stored")
    is_new = pl.col("n_corrections").is_null()
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_stored")) for name in FIGURES)
    changed = both.filter(is_new | differs)
    if not changed.is_empty():
        _write(changed)
    n_new = changed.filter(is_new).height
    return Tracked(n_ripe=seen.height, n_new=n_new, n_corrected=changed.height - n_new)


def _stored(keys: pl.Series) -> pl.DataFrame:
    rows = Outcome.objects.filter(pk__gte=keys.min(), pk__lte=keys.max()).values_list("pk", *COLUMNS, "n_corrections")
    schema = {"assignment_pk": pl.Int64(), **FIGURES, "n_corrections": pl.Int64()}
    plain = [_plain(row) for row in rows.order_by().iterator(chunk_size=CHUNK)]
    return pl.DataFrame(plain, schema=schema, orient="row")


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A stored row in the terms of FIGURES."""
    key, status, *figures = row
    return key, status == STATUS.CHURNED, *(cents(one) if isinstance(one, Decimal) else one for one in figures)


@transaction.atomic
def _write(changed: pl.DataFrame) -> None:
    """New rows in sets; corrected ones in the stead of those that are there."""
    now = timezone.now()
    rows = [_row(row, now) for row in changed.select("assignment_pk", *COLUMNS.values(), "n_corrections").iter_rows()]
    new = [row for row in rows if not row[-2]]
    with sets.into(Outcome, WRITTEN) as write:
        write(new)
    Outcome.objects.bulk_update(
        (Outcome(**dict(zip(WRITTEN, row, strict=True))) for row in rows if row[-2]), WRITTEN[1:], batch_size=500
    )


def _row(row: tuple[Any, ...], now: dt.datetime) -> tuple[Any, ...]:
    """In the order of WRITTEN; a first outcome has no corrections."""
    key, *figures, n_corrections = row
    values = dict(zip(COLUMNS, figures, strict=True))
    values["status"] = (STATUS.CHURNED if values["status"] else STATUS.RETAINED).value
    for name in ("amount", "amount_before", "treatment_cost"):
        values[name] = Decimal(values[name]).scaleb(-2)
    return key, *values.values(), 0 if n_corrections is None else n_corrections + 1, now
