"""The sample shop that the project ships, as a running system: loaded, trained, scored week by week until its today.

The data are the baskets of 1,467 grocery households from January to September 2017, of the completejourney package
(data CC0). The first model is trained on what was known on FIRST_TRAINING and scores the weeks after it, which it has
not seen, so that their outcomes tell how good it is; then one is trained on all that is known on TODAY.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext as _

from churnsite import company
from churnsite.daily import run_daily
from customers.commands import Advance, Refused
from customers.models import Customer, ImportFile, Run
from customers.models.runs import State
from predictions.models import ModelVersion

FOLDER = Path(__file__).resolve().parent.parent / "demo"
KINDS = ("customers", "transactions")
TODAY = dt.date(2017, 10, 1)
WEEKS_LOOKED_BACK = 6
LONGEST_WATCH = 7
EXPERIMENT = "A/A test"
HALF = Decimal("0.5")
FIRST_TRAINING = TODAY - dt.timedelta(weeks=WEEKS_LOOKED_BACK)


@dataclass(frozen=True)
class Shop:
    """Where the sample lies, and which dates are played through."""

    folder: Path = FOLDER
    today: dt.date = TODAY
    first_training: dt.date = FIRST_TRAINING
    has_company: bool = True

    @property
    def days(self) -> list[dt.date]:
        """The first training's date and every week after it, up to and with today."""
        weeks = (self.today - self.first_training).days // 7
        return [self.today - dt.timedelta(weeks=week) for week in range(weeks, -1, -1)]

    @property
    def last_enrolment(self) -> dt.date:
        """The last day played whose customers can be watched to their end before today."""
        return max((day for day in self.days if (self.today - day).days > LONGEST_WATCH), default=self.first_training)

    def file(self, kind: str) -> Path:
        return self.folder / f"{kind}.csv.gz"


def refuse_other_customers(shop: Shop) -> None:
    """Raise Refused where the database holds customers that are not the sample's."""
    import polars as pl

    known = set(pl.read_csv(shop.file("customers"), infer_schema=False)["customer_id"].to_list())
    others = Customer.objects.exclude(customer_id__startswith=company.PREFIX)
    for customer_id in others.values_list("customer_id", flat=True).iterator(chunk_size=2000):
        if customer_id not in known:
            raise Refused(
                _(
                    "This database holds customers that are not the sample's, such as {customer}; the demo leaves it "
                    "alone. Give it a place of its own: DATA_DIR=/some/folder make demo"
                ).format(customer=customer_id)
            )


def load(shop: Shop, *, advance: Advance) -> None:
    """Import the files that were not imported whole before."""
    from customers.ingest import load_file

    for kind in KINDS:
        path = shop.file(kind)
        if not _is_loaded(path, kind):
            load_file(path=path, kind=kind, source=ImportFile.Source.COMMAND, advance=advance)
    if shop.has_company:
        company.load(advance=advance)


def data_report(shop: Shop) -> Path:
    """The exploratory report as of the shop's today; written unless it is there."""
    path = Path(settings.DATA_DIR) / "reports" / f"data-{shop.today}.html"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        call_command("report_data", as_of=shop.today, out=path, stdout=StringIO())
    return path


def play(shop: Shop, *, advance: Advance) -> Run:
    """Train, run each day in order, train again for today; what is done already is left. Returns today's run.

    An experiment runs from the first day on and is final at the end.
    """
    if shop.has_company:
        before = shop.first_training - dt.timedelta(days=1)
        company.score(since=company.first_score(shop.today), as_of=before, advance=advance)
    for day in shop.days:
        if day in (shop.first_training, shop.today):
            train_once(as_of=day, advance=advance)
        if day == shop.first_training:
            begin_experiment(shop)
        run = run_daily(as_of=day, advance=advance)
        if run.state != State.DONE:
            raise Refused(_("The daily job of {day} failed at the step {error}").format(day=day, error=run.error))
        advance(_("Days played through"), shop.days.index(day) + 1, len(shop.days))
    end_experiment(shop)
    if shop.has_company:
        company.score(since=company.first_score(shop.today), as_of=shop.today, advance=advance)
    return run


def begin_experiment(shop: Shop) -> None:
    """An A/A test, for nothing was ever sent to these households: two halves that nothing sets apart."""
    from experiments import states
    from experiments.models import Arm, Experiment

    with transaction.atomic():
        experiment, is_new = Experiment.objects.get_or_create(
            name=EXPERIMENT,
            defaults={
                "hypothesis": _("Nothing is sent to either half, so nothing should be found."),
                "starts_on": shop.first_training,
                "ends_on": shop.last_enrolment,
                "min_probability": Decimal("0.5"),
            },
        )
        if is_new:
            Arm.objects.create(experiment=experiment, position=0, name="control", is_control=True, share=HALF)
            Arm.objects.create(experiment=experiment, position=1, name="other half", share=HALF, measure=_("Nothing."))
            # Drawn from the name, so that everybody who runs the demo sees the same.
            salt = hashlib.sha256(EXPERIMENT.encode()).hexdigest()[:32]
            states.start(experiment, user=None, on=shop.first_training, salt=salt)


def end_experiment(shop: Shop) -> None:
    """Complete it, and make its last analysis."""
    from experiments import analysis, states
    from experiments.models import Experiment

    experiment = Experiment.objects.get(name=EXPERIMENT)
    if experiment.state == Experiment.State.RUNNING:
        states.complete(experiment, user=None, on=shop.today)
    analysis.finalise(experiment, as_of=shop.today)


def train_once(*, as_of: dt.date, advance: Advance) -> ModelVersion:
    """The model trained as of a date; trained only if there is none."""
    from predictions import training

    return ModelVersion.objects.filter(as_of=as_of).first() or training.train(as_of=as_of, advance=advance)


@contextmanager
def today_is(day: dt.date) -> Iterator[None]:
    """Whatever reads the clock meanwhile reads this day."""
    before = settings.BUSINESS_DATE
    settings.BUSINESS_DATE = day
    try:
        yield
    finally:
        settings.BUSINESS_DATE = before


def pin_today(today: dt.date) -> Path | None:
    """Pin "today" for what is started later, in a file beside the SQLite database; None on PostgreSQL."""
    if not is_sqlite():
        return None
    path = Path(settings.DATA_DIR) / "demo.env"
    reason = "# Written by `demo`, whose data end the day before. Delete this file to have the real date."
    path.write_text(f"{reason}\nBUSINESS_DATE={today}\n")
    return path


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def is_pinned(today: dt.date = TODAY) -> bool:
    """Whether what is started later will read that file: not where DATABASE_URL or BUSINESS_DATE is set."""
    return not os.environ.get("DATABASE_URL") and os.environ.get("BUSINESS_DATE", str(today)) == str(today)


def _is_loaded(path: Path, kind: str) -> bool:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ImportFile.objects.filter(kind=kind, sha256=digest, state=ImportFile.State.DONE).exists()
