"""How many customers an experiment needs, how long they take to come, and what can be seen by when."""

import argparse
import datetime as dt
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused, day
from customers.commands import Command as Base
from experiments import planner
from experiments.models import Experiment
from experiments.prospects import Assumptions

NUMBERS = ("base_rate", "effect", "control_share", "daily")


class Command(Base):
    help = "Plan an experiment: of its own settings and today's scores, or of plain numbers."
    example = "plan_experiment --base-rate 0.4 --effect 0.05 --control-share 0.1 --daily 200"
    has_as_of = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--experiment", metavar="NAME", help="an experiment, in draft or later")
        parser.add_argument("--by", type=day, metavar="D", help="what can be seen with enrolment up to this date")
        numbers = parser.add_argument_group("plain numbers, without an experiment")
        numbers.add_argument("--base-rate", type=_share, metavar="R", help="share that leaves untreated, as in 0.4")
        numbers.add_argument("--effect", type=_share, metavar="E", help="smallest effect worth seeing, as in 0.05")
        numbers.add_argument("--control-share", type=_share, metavar="S", help="of the control group, as in 0.1")
        numbers.add_argument("--daily", type=_count, metavar="N", help="customers enrolled a day")
        numbers.add_argument(
            "--stock", type=_count, metavar="N", help="enrolled on the first day (default: as many as --daily)"
        )
        numbers.add_argument(
            "--alpha", type=_share, default=0.05, metavar="A", help="significance level (default 0.05)"
        )
        numbers.add_argument("--power", type=_share, default=0.80, metavar="P", help="power (default 0.80)")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        if options["experiment"] is None:
            return document(planner.project(_of_numbers(options)))
        if any(options[name] is not None for name in NUMBERS):
            raise CommandError(_("Give an experiment or plain numbers, not both."), returncode=2)
        found = Experiment.objects.filter(name=options["experiment"]).first()
        if found is None:
            raise Refused(_("There is no experiment “%(name)s”.") % {"name": options["experiment"]})
        return document(planner.plan(found, on=options["as_of"], by=options["by"]))

    def report(self, result: dict[str, Any]) -> None:
        say, needed, at_end = self.console.print, result["needed"], result["at_end"]
        say(
            _("Eligible now: %(stock)s; enrolled: %(enrolled)s; new a day: %(daily)s; expected to leave: %(rate)s")
            % (_shown(result))
        )
        if needed:
            say(_("Needed: %(enrolled)s customers") % {"enrolled": f"{needed['enrolled']:,}"})
            for arm, n in needed["arms"].items():
                say(f"  {arm:<20} {n:>9,}")
            if needed["known_on"]:
                say(_("Enrolled by %(enrolled_on)s, known by %(known_on)s") % needed)
        effect = "–" if at_end["effect"] is None else f"{at_end['effect']:.4f}"
        texts = {"on": at_end["on"], "n": f"{at_end['enrolled']:,}", "effect": effect}
        say(_("By %(on)s: %(n)s enrolled, smallest effect that is found: %(effect)s") % texts)
        for warning in result["warnings"]:
            say(f"! {warning}")


def document(plan: planner.Plan) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "assumed": {name: value for name, value in asdict(plan.assumed).items() if name != "notes"},
        "needed": asdict(plan.needed) if plan.needed else None,
        "at_end": asdict(plan.at_end),
        "points": [asdict(point) for point in plan.points],
        "warnings": list(plan.warnings),
    }


def _of_numbers(options: dict[str, Any]) -> Assumptions:
    missing = [f"--{name.replace('_', '-')}" for name in NUMBERS if options[name] is None]
    if missing:
        raise CommandError(_("Give --experiment, or %(missing)s too.") % {"missing": ", ".join(missing)}, returncode=2)
    if options["power"] <= options["alpha"] / 2:
        raise CommandError(_("--power has to be above half of --alpha."), returncode=2)
    begins_on: dt.date = options["as_of"]
    by: dt.date | None = options["by"]
    return Assumptions(
        begins_on=begins_on,
        ends_on=by or begins_on + dt.timedelta(days=27),
        observation_days=7,
        control_share=options["control_share"],
        arms={"treatment": 1 - options["control_share"]},
        base_rate=options["base_rate"],
        effect=options["effect"],
        daily=options["daily"],
        stock=options["daily"] if options["stock"] is None else options["stock"],
        alpha=options["alpha"],
        power=options["power"],
    )


def _shown(result: dict[str, Any]) -> dict[str, str]:
    assumed = result["assumed"]
    return {
        "stock": f"{assumed['stock']:,}",
        "enrolled": f"{assumed['enrolled']:,}",
        "daily": "–" if assumed["daily"] is None else f"{assumed['daily']:.1f}",
        "rate": "–" if assumed["base_rate"] is None else f"{assumed['base_rate']:.4f}",
    }


def _share(raw: str) -> float:
    try:
        share = float(raw)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a number between 0 and 1")
    return share


def _count(raw: str) -> int:
    if not raw.isdigit():
        raise argparse.ArgumentTypeError(f"{raw!r} is not a whole number")
    return int(raw)
