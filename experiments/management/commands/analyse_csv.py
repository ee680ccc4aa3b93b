"""`manage.py analyse_csv`"""

import argparse
import math
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from customers import commands
from customers.commands import Advance
from experiments.analysis_table import tell
from experiments.randomised_table import Columns, read_arms
from experiments.stats import Options, analyse


class Command(commands.Command):
    help = "Analyses a randomised table of customers, one a line, as an experiment; does not touch the database."
    example = "analyse_csv trial.csv --group arm --control none --outcome left --metric spend --covariate spend_before"
    requires_system_checks = []

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8 with a header, one customer a line")
        parser.add_argument(
            "--group", required=True, metavar="COLUMN", help="the arm that the customer was assigned to"
        )
        parser.add_argument("--control", required=True, metavar="LABEL", help="the control's label, exactly as written")
        parser.add_argument("--outcome", required=True, metavar="COLUMN", help="0, 1, or blank while it is not known")
        parser.add_argument("--outcome-good", action="store_true", help="1 is the good outcome (default: the bad one)")
        parser.add_argument("--metric", metavar="COLUMN", help="an amount of which more is good")
        parser.add_argument(
            "--covariate", metavar="COLUMN", help="a number from before the assignment, to sharpen --metric (CUPED)"
        )
        parser.add_argument(
            "--shares",
            type=_shares,
            metavar="a,b,…",
            help="planned parts of the arms: the control's, then the others' by the code points of their labels"
            " (default: equal)",
        )

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        columns, reading = _columns(options), _("Reading the table")
        advance(reading, 0)
        arms = read_arms(path=options["file"], columns=columns, control=options["control"], shares=options["shares"])
        advance(reading, 1, 1)
        return analyse(arms, options=Options(is_event_good=options["outcome_good"])).to_document()

    def report(self, result: dict[str, Any]) -> None:
        tell(result, self.console)


def _columns(options: dict[str, Any]) -> Columns:
    columns = Columns(
        group=options["group"], outcome=options["outcome"], metric=options["metric"], covariate=options["covariate"]
    )
    if columns.covariate is not None and columns.metric is None:
        raise CommandError(_("--covariate needs --metric."), returncode=2)
    if list(columns.roles().values()).count(columns.group) > 1:
        raise CommandError(_("The column of --group cannot be used as anything else."), returncode=2)
    return columns


def _shares(raw: str) -> list[float]:
    try:
        shares = [float(part) for part in raw.split(",")]
    except ValueError:
        shares = []
    if not shares or not all(math.isfinite(share) and share > 0 for share in shares):
        raise argparse.ArgumentTypeError(f"{raw!r} is not a list of numbers above 0 such as 0.1,0.9")
    return shares
