"""`manage.py uplift`"""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from customers import commands
from customers.commands import Advance, Refused
from experiments import uplift_learning, uplift_lists
from experiments.models import Experiment
from experiments.uplift_words import HEADINGS, verdict


class Command(commands.Command):
    help = "Learns from a finished experiment whom its measure helps; with a budget it makes the list of the date."
    example = 'uplift "Spring coupons" --budget 500'
    has_as_of = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("experiment", metavar="NAME", help="the experiment's name")
        parser.add_argument("--budget", metavar="B", help="what may be spent on the treatments of one day")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        budget = _budget(options["budget"])
        experiment = Experiment.objects.filter(name=options["experiment"]).first()
        if experiment is None:
            raise Refused(_("There is no experiment “%(name)s”.") % {"name": options["experiment"]})
        found = uplift_learning.learn(experiment, as_of=options["as_of"], advance=advance)
        result: dict[str, Any] = {
            "experiment": experiment.name,
            "code": found.code,
            "arms": _told(found.document["arms"]),
        }
        if budget is not None:
            result["list"] = vars(uplift_lists.make(found, on=options["as_of"], budget=budget))
        return result

    def report(self, result: dict[str, Any]) -> None:
        for arm in result["arms"]:
            for one in arm["questions"]:
                heading = f"{arm['arm']}, {one['name']}: {HEADINGS[one['code']]}."
                self.console.print(heading, one["sentence"], markup=False)
        if "list" in result:
            sentence = _("%(n_listed)d on the list, %(n_undisturbed)d not to be disturbed, %(n_held)d held back.")
            self.console.print(sentence % result["list"], markup=False)


def _told(arms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**arm, "questions": [{**question, "sentence": verdict(question)} for question in arm["questions"]]}
        for arm in arms
    ]


def _budget(raw: str | None) -> Decimal | None:
    try:
        amount = None if raw is None else Decimal(raw)
    except InvalidOperation:
        amount = Decimal(-1)
    if amount is not None and not amount >= 0:
        raise CommandError(_("--budget has to be an amount of 0 or more."), returncode=2)
    return amount
