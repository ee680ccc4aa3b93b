"""An experiment from its first day to its last in a shop where the truth is known, through the real code.

The shop's past comes in as files; then each day the daily job runs, whom the treatment list names is treated, and the
shop lives on. Beside it lives the same shop untreated: what it shows is what would have happened otherwise. Dates and
chances are fixed by the seed, every row has an id of its own, and what is done already is left, so that a run that
broke off is picked up.
"""

import csv
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from churnsite.daily import run_daily
from churnsite.sample import today_is, train_once
from customers.clock import start_of
from customers.commands import Advance, Refused
from customers.ingest import load_file
from customers.models import Customer, ImportFile, Intervention
from customers.models.runs import State
from experiments import analysis, lists, states
from experiments.models import Analysis, Arm, Assignment, Experiment
from experiments.simulation.world import CATEGORIES, METHODS, Day, Shop, World, without_treatment

__all__ = ["Simulation", "simulate"]

HISTORY_DAYS = 180
STARTS_ON = dt.date(2026, 3, 2)
SEND_HOUR = 9
PREFIX = "SIM"
TREATMENT = "coupon"


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """The shop and its experiment: so many days of enrolment, a share in control, and how many treatments succeed."""

    shop: Shop = field(default_factory=Shop)
    starts_on: dt.date = STARTS_ON
    enrolment_days: int = 14
    observation_days: int = 7
    control_share: Decimal = Decimal("0.10")
    delivered: float = 0.95
    cost: Decimal = Decimal("2.00")

    @property
    def first_day(self) -> dt.date:
        return self.starts_on - dt.timedelta(days=HISTORY_DAYS)

    @property
    def last_enrolment(self) -> dt.date:
        return self.starts_on + dt.timedelta(days=self.enrolment_days - 1)

    @property
    def ends_on(self) -> dt.date:
        """The first date on which every outcome is known."""
        return self.last_enrolment + dt.timedelta(days=self.observation_days)

    @property
    def salt(self) -> str:
        """Of the seed, so that the same shop has the same control group each time."""
        return hashlib.sha256(f"simulation:{self.shop.seed}".encode()).hexdigest()[:32]

    @property
    def name(self) -> str:
        return f"Coupon that keeps {self.shop.keeps:.0%}"


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Of the treated arm's customers: the rate that left, and the rate that would have left untreated."""

    n: int
    left: float
    would_have_left: float

    @property
    def effect(self) -> float:
        return self.would_have_left - self.left


def simulate(plan: Simulation, *, advance: Advance) -> dict[str, Any]:
    """Run the experiment to its end; what was true, and what the analysis says."""
    refuse_other_customers()
    world, shadow = (World(shop=shop, first=plan.first_day) for shop in (plan.shop, without_treatment(plan.shop)))
    past = [(world.step(), shadow.step())[0] for _day in range(HISTORY_DAYS)]
    with today_is(plan.starts_on):
        _load(world.facts, past, plan)
        train_once(as_of=plan.starts_on, advance=advance)
        experiment = _experiment(plan)
    active, untreated = _days(plan, world, shadow, experiment, advance)
    with today_is(plan.ends_on):
        _daily_job(plan.ends_on, advance)
        final = _ended(experiment, plan)
    return _document(plan, experiment, final, _truth(plan, experiment, active, untreated))


def refuse_other_customers() -> None:
    """Raise Refused where the database holds customers that are not the simulated shop's."""
    other = Customer.objects.exclude(customer_id__startswith=PREFIX).first()
    if other is not None:
        raise Refused(
            _(
                "This database holds customers that are not simulated, such as {customer}; the simulation leaves it "
                "alone. Give it a place of its own: DATA_DIR=/some/folder python manage.py simulate_experiment"
            ).format(customer=other.customer_id)
        )


Activity = dict[dt.date, np.ndarray]


def _days(
    plan: Simulation, world: World, shadow: World, experiment: Experiment, advance: Advance
) -> tuple[Activity, Activity]:
    """Live through the experiment; who was active on which day, as it was and as it would have been untreated."""
    active: Activity = {}
    untreated: Activity = {}
    n_days = (plan.ends_on - plan.starts_on).days
    for number in range(n_days):
        day = plan.starts_on + dt.timedelta(days=number)
        with today_is(day):
            _daily_job(day, advance)
            world.treat(_treated(plan, experiment, day))
            happened = world.step()
            active[day], untreated[day] = happened.active, shadow.step().active
        with today_is(day + dt.timedelta(days=1)):
            _load_days([happened], plan)
        advance(_("Days simulated"), number + 1, n_days)
    return active, untreated


def _daily_job(day: dt.date, advance: Advance) -> None:
    run = run_daily(as_of=day, advance=advance)
    if run.state != State.DONE:
        raise Refused(_("The daily job of {day} failed: {error}").format(day=day, error=run.error))


def _experiment(plan: Simulation) -> Experiment:
    found = Experiment.objects.filter(name=plan.name).first()
    if found is None:
        found = Experiment.objects.create(
            name=plan.name,
            hypothesis=_("A coupon brings customers back who were about to leave."),
            starts_on=plan.starts_on,
            ends_on=plan.last_enrolment,
            observation_days=plan.observation_days,
            treatment_cost=plan.cost,
        )
        Arm.objects.create(experiment=found, position=0, name="control", is_control=True, share=plan.control_share)
        Arm.objects.create(
            experiment=found, position=1, name=TREATMENT, share=1 - plan.control_share, measure=_("Send a coupon.")
        )
    if found.state == Experiment.State.DRAFT:
        states.start(found, user=None, on=plan.starts_on, salt=plan.salt)
    return found


def _treated(plan: Simulation, experiment: Experiment, day: dt.date) -> np.ndarray:
    """Whom the list of the day names and the sending reaches, as customer numbers; noted as interventions."""
    names = lists.treatments(experiment, on=day).values_list("customer_id", "customer__customer_id")
    moment = start_of(day) + dt.timedelta(hours=SEND_HOUR)
    Intervention.objects.bulk_create(
        (_intervention(plan, day, pk, name, moment) for pk, name in names if _is_delivered(plan, name)),
        ignore_conflicts=True,
    )
    # Read back, for a day that was lived through before has its list no more once the experiment has ended.
    noted = Intervention.objects.filter(intervention_id__startswith=f"{PREFIX}-{day}-")
    return np.array(sorted(map(_number, noted.values_list("customer__customer_id", flat=True))), dtype=np.int64)


def _intervention(plan: Simulation, day: dt.date, customer: int, name: str, moment: dt.datetime) -> Intervention:
    return Intervention(
        intervention_id=f"{PREFIX}-{day}-{name}",
        customer_id=customer,
        kind=TREATMENT,
        channel="mobile",
        occurred_at=moment,
        cost=plan.cost,
    )


def _is_delivered(plan: Simulation, customer_id: str) -> bool:
    return bool(np.random.default_rng([plan.shop.seed, 9, _number(customer_id)]).random() < plan.delivered)


def _number(customer_id: str) -> int:
    return int(customer_id.removeprefix(PREFIX))


def _ended(experiment: Experiment, plan: Simulation) -> Analysis:
    experiment.refresh_from_db()
    if experiment.state == Experiment.State.RUNNING:
        states.complete(experiment, user=None, on=plan.ends_on)
    if experiment.finalised_at is None:
        analysis.finalise(experiment, as_of=plan.ends_on, user=None)
    return Analysis.objects.filter(experiment=experiment, is_final=True).latest()


def _truth(plan: Simulation, experiment: Experiment, active: Activity, untreated: Activity) -> Truth:
    """What the same customers did, and would have done."""
    rows = Assignment.objects.filter(experiment=experiment, arm__is_control=False)
    enrolled = [(_number(name), day) for name, day in rows.values_list("customer__customer_id", "enrolled_on")]
    left, would = (
        sum(not _shows_up(number, day, plan.observation_days, seen) for number, day in enrolled)
        for seen in (active, untreated)
    )
    n = len(enrolled)
    return Truth(n=n, left=left / max(n, 1), would_have_left=would / max(n, 1))


def _shows_up(number: int, day: dt.date, n_days: int, active: Activity) -> bool:
    return any(number in active[day + dt.timedelta(days=after)] for after in range(n_days))


def _document(plan: Simulation, experiment: Experiment, final: Analysis, truth: Truth) -> dict[str, Any]:
    comparison = final.document["churn"]["comparisons"][0]
    return {
        "experiment": experiment.name,
        "state": experiment.state,
        "as_of": plan.ends_on.isoformat(),
        "enrolled": final.n_assigned,
        "truth": {"n": truth.n, "left": truth.left, "would_have_left": truth.would_have_left, "effect": truth.effect},
        "found": {key: comparison[key] for key in ("difference", "difference_ci", "p_value", "sequential")},
        "covers": comparison["difference_ci"][0] <= truth.effect <= comparison["difference_ci"][1],
        "verdict": {"code": final.verdict, "zh": final.sentence_zh, "en": final.sentence_en},
    }


def _load(facts: Mapping[str, list[Any]], past: list[Day], plan: Simulation) -> None:
    registered = [plan.first_day.isoformat()] * plan.shop.n_customers
    columns = {**facts, "registered_on": registered}
    _load_file("customers", "past", list(columns), zip(*columns.values(), strict=True))
    _load_days(past, plan)


def _load_days(days: list[Day], plan: Simulation) -> None:
    name = f"{days[0].date}-{days[-1].date}"
    header = ["transaction_id", "customer_id", "occurred_at", "amount", "product_category", "payment_method"]
    _load_file("transactions", name, header, (row for day in days for row in _purchases(day)))
    header = ["interaction_id", "customer_id", "occurred_at", "kind", "channel"]
    _load_file("interactions", name, header, (row for day in days for row in _visits(day)))


def _purchases(day: Day) -> Iterator[tuple[Any, ...]]:
    for number, cents in zip(day.buyers.tolist(), day.cents.tolist(), strict=True):
        amount = Decimal(cents) / 100
        names = CATEGORIES[number % len(CATEGORIES)], METHODS[number % len(METHODS)]
        yield f"{PREFIX}-T-{day.date}-{number}", f"{PREFIX}{number:06d}", _moment(day.date, number), amount, *names


def _visits(day: Day) -> Iterator[tuple[Any, ...]]:
    for number in day.visitors.tolist():
        moment = _moment(day.date, number + 1)
        yield f"{PREFIX}-V-{day.date}-{number}", f"{PREFIX}{number:06d}", moment, "login", "mobile"


def _moment(date: dt.date, number: int) -> str:
    return f"{date}T{8 + number % 14:02d}:{number % 60:02d}"


def _load_file(kind: str, name: str, header: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Through the import, as anybody's file; one that went in before is left."""
    file_name = f"simulated-{kind}-{name}.csv"
    if ImportFile.objects.filter(name=file_name, state=ImportFile.State.DONE).exists():
        return
    with ExitStack() as stack:
        path = Path(stack.enter_context(TemporaryDirectory(prefix="simulation-"))) / file_name
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
        load_file(path=path, kind=kind, source=ImportFile.Source.COMMAND, advance=Advance())
