"""Draw the eligible customers of a day into the arms of one running experiment, or of all."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused
from customers.commands import Command as Base
from experiments import enrolment
from experiments.models import Experiment


class Command(Base):
    help = "Draw the eligible customers of a day into the arms of the running experiments; a second time finds nobody."
    example = "enrol --as-of 2017-10-01 --experiment Coupon"
    has_as_of = True
    as_of_required = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--experiment", metavar="NAME", help="only this one (default: every one that is running)")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        if options["experiment"] is None:
            return enrolment.enrol_all(as_of=options["as_of"], advance=advance)
        found = Experiment.objects.filter(name=options["experiment"]).first()
        if found is None:
            raise Refused(_("There is no experiment “%(name)s”.") % {"name": options["experiment"]})
        done = enrolment.enrol(found, as_of=options["as_of"], advance=advance)
        return {"enrolled": done.n_new, "experiments": [asdict(done)], "failed": []}

    def failed(self, result: dict[str, Any]) -> bool:
        return bool(result["failed"])

    def report(self, result: dict[str, Any]) -> None:
        say = self.console.print
        for one in result["failed"]:
            self.stderr.write(f"{one['name']}: {one['error']}")
        if not result["experiments"] and not result["failed"]:
            say(_("Nothing to do: no running experiment enrols on that date, or nobody was scored as of it."))
        for one in result["experiments"]:
            say(_("%(experiment)s: %(n_new)s customers enrolled as of %(as_of)s") % one)
            for arm, n in one["arms"].items():
                say(f"  {arm:<20} {n:>9,}")
