"""Score the eligible customers of a day with the champion model."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers.commands import Advance
from customers.commands import Command as Base
from predictions import scoring
from predictions.remarks import said_all


class Command(Base):
    help = "Give each eligible customer of a day a probability, a risk level and, at high risk, reasons."
    example = "score --as-of 2017-10-01 --out scores.csv"
    has_as_of = True
    as_of_required = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE", help="write FILE.csv or FILE.parquet as well")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        summary = scoring.score(as_of=options["as_of"], advance=advance)
        if options["out"]:
            scoring.write_file(as_of=options["as_of"], path=options["out"])
        told = {"notes": said_all(summary.notes), "out": str(options["out"]) if options["out"] else None}
        return scoring.summary_document(summary) | told

    def report(self, result: dict[str, Any]) -> None:
        say = self.console.print
        for note in result["notes"]:
            say(f"! {note}")
        say(_("%(scored)s customers scored as of %(as_of)s by %(model_version)s") % result)
        for level, count in result["levels"].items():
            say(f"  {level:<10} {count:>9,}")
