"""`manage.py uplift_csv`"""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from customers import commands
from customers.commands import Advance, Refused
from customers.joining import labelled
from experiments import uplift_page, uplift_table
from experiments.uplift.study import study
from experiments.uplift_words import HEADINGS, told


class Command(commands.Command):
    help = "Learns from a randomised table of customers whom a measure helps; does not touch the database."
    example = "uplift_csv trial.csv --group arm --control none --arm mail --outcome left --features age,region,spend"
    requires_system_checks = []

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8 with a header, one customer a line")
        parser.add_argument("--group", required=True, metavar="COLUMN", help="the group drawn for the customer")
        parser.add_argument("--control", required=True, metavar="LABEL", help="the control's label, exactly as written")
        parser.add_argument("--arm", required=True, metavar="LABEL", help="the label of the group that was treated")
        parser.add_argument("--outcome", required=True, metavar="COLUMN", help="0, 1, or blank while it is not known")
        parser.add_argument("--outcome-good", action="store_true", help="1 is the good outcome (default: the bad one)")
        parser.add_argument("--metric", metavar="COLUMN", help="an amount of which more is good")
        parser.add_argument(
            "--features",
            required=True,
            metavar="a,b,…",
            help="columns to learn from; only what was known before the customers were drawn",
        )
        parser.add_argument(
            "--customer", metavar="COLUMN", help="whose hash cuts the folds (default: the number of the line)"
        )
        parser.add_argument("--out", type=Path, metavar="FILE.html", help="write the page there")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        table = uplift_table.read(
            path=options["file"],
            columns=_columns(options),
            control=options["control"],
            arm=options["arm"],
            is_outcome_good=options["outcome_good"],
        )
        questions = []
        for done, (name, trial) in enumerate(table.trials.items(), start=1):
            questions.append(study(trial, name=name, encoding=table.encoding).question)
            advance(_("Learning"), done, len(table.trials))
        result = {"arm": options["arm"], "control": options["control"], "questions": [told(one) for one in questions]}
        if options["out"]:
            _write(options["out"], result)
            result["report"] = str(options["out"])
        return result

    def report(self, result: dict[str, Any]) -> None:
        for one in result["questions"]:
            self.console.print(labelled(one["name"], f"{HEADINGS[one['code']]}. {one['sentence']}"), markup=False)
        if "report" in result:
            self.console.print(result["report"], markup=False)


def _columns(options: dict[str, Any]) -> uplift_table.Columns:
    columns = uplift_table.Columns(
        group=options["group"],
        outcome=options["outcome"],
        metric=options["metric"],
        customer=options["customer"],
        features=list(dict.fromkeys(name for name in options["features"].split(",") if name)),
    )
    told_after = {options["group"], options["outcome"], options["metric"]}
    both = [name for name in columns.features if name in told_after]
    if both:
        raise CommandError(_("--features cannot name “%(name)s” as well.") % {"name": both[0]}, returncode=2)
    return columns


def _write(path: Path, result: dict[str, Any]) -> None:
    sections = [uplift_page.section(one, title=one["name"]) for one in result["questions"]]
    lead = _("%(arm)s against %(control)s: whom it helps more than others.") % result
    page = uplift_page.html(title=_("Uplift"), lead=lead, sections=sections)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Refused(_("{path} cannot be written: {why}.").format(path=path, why=error.strerror)) from error
