"""A simulated experiment from its first day to its last: does the analysis find what is true?"""

import argparse
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from rich.table import Table

from churnsite import sample
from churnsite.management.commands.serve import migrate_if_needed
from churnsite.simulation import Simulation, simulate
from customers.commands import Advance
from customers.commands import Command as Base
from experiments.simulation.world import Shop

DEFAULT = Simulation()
LEAST_CUSTOMERS, MOST_CUSTOMERS = 500, 200_000
LEAST_CONTROL, MOST_CONTROL = Decimal("0.01"), Decimal("0.99")


class Command(Base):
    help = (
        "Makes a shop in which a treatment truly keeps a given share of the customers who would leave, runs an "
        "experiment in it through the daily job, and shows what the analysis finds beside what is true. It needs a "
        "database without other customers, such as DATA_DIR=var/simulation."
    )
    example = "simulate_experiment --keeps 0.4"
    # Before the first migration there are no tables for a check to look at.
    requires_system_checks: list[str] = []

    def add_options(self, parser: CommandParser) -> None:
        shop = DEFAULT.shop
        parser.add_argument("--customers", type=_n_customers, default=shop.n_customers, help="how many customers")
        parser.add_argument("--keeps", type=_share, default=shop.keeps, help="share of customers the treatment keeps")
        parser.add_argument("--days", type=_n_days, default=DEFAULT.enrolment_days, help="days of enrolment")
        parser.add_argument("--control", type=_control, default=DEFAULT.control_share, help="share in control")
        parser.add_argument("--seed", type=int, default=shop.seed, help="another seed, another shop")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        migrate_if_needed()
        shop = Shop(n_customers=options["customers"], seed=abs(options["seed"]), keeps=options["keeps"])
        plan = Simulation(shop=shop, enrolment_days=options["days"], control_share=options["control"])
        found = simulate(plan, advance=advance)
        sample.pin_today(plan.ends_on)
        return found

    def report(self, result: dict[str, Any]) -> None:
        say = self.console.print
        say(table(result))
        say(result["verdict"][_("en")])


def table(result: dict[str, Any]) -> Table:
    """What is true beside what was found."""
    truth, found = result["truth"], result["found"]
    shown = Table(title=result["experiment"], title_justify="left", show_header=False)
    shown.add_row(_("Customers enrolled"), f"{result['enrolled']:,}")
    shown.add_row(_("Of those to be treated, left"), f"{truth['left']:.1%}")
    shown.add_row(_("Of the same, would have left untreated"), f"{truth['would_have_left']:.1%}")
    shown.add_row(_("The true effect, in points"), f"{100 * truth['effect']:+.1f}")
    low, high = found["difference_ci"]
    interval = f"{100 * found['difference']:+.1f} ({100 * low:+.1f} – {100 * high:+.1f})"
    shown.add_row(_("What the analysis finds, with its interval of 95 %"), interval)
    return shown


def _n_customers(raw: str) -> int:
    return _within(int, raw, LEAST_CUSTOMERS, MOST_CUSTOMERS)


def _n_days(raw: str) -> int:
    return _within(int, raw, 1, 60)


def _share(raw: str) -> float:
    return _within(float, raw, 0, 1)


def _control(raw: str) -> Decimal:
    return _within(Decimal, raw, LEAST_CONTROL, MOST_CONTROL)


def _within(kind: Any, raw: str, least: Any, most: Any) -> Any:
    try:
        value = kind(raw)
    except (ValueError, InvalidOperation):
        raise argparse.ArgumentTypeError(f"{raw!r} is not a number") from None
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{raw} is not from {least} to {most}")
    return value
