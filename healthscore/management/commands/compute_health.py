"""Score the health of every customer of a day, or of every day of a period."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused, day
from customers.commands import Command as Base
from healthscore import scoring, words


class Command(Base):
    help = "Score the health of each customer of a day from 0 to 1, with grade, trend, alerts and what to do next."
    example = "compute_health --as-of 2024-06-30 --out health"
    has_as_of = True
    as_of_required = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="DIR", help="write the three JSON files into DIR as well")
        parser.add_argument(
            "--config", type=Path, metavar="FILE.json", help="change keys of the active configuration for this run"
        )
        parser.add_argument("--since", type=day, metavar="D0", help="score every day from D0 on, up to the as-of date")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        summary = scoring.score(
            as_of=options["as_of"],
            since=options["since"],
            changes=_changes(options["config"]) if options["config"] else None,
            out=options["out"],
            advance=advance,
        )
        return scoring.summary_document(summary)

    def failed(self, result: dict[str, Any]) -> bool:
        return bool(result["failures"])

    def report(self, result: dict[str, Any]) -> None:
        say = self.console.print
        say(_("%(scored)s customers scored as of %(as_of)s, %(not_scored)s not scored") % result)
        for grade, count in result["distribution"].items():
            say(f"  {words.grade(grade):<10} {count:>9,}")
        say(_("%(alerts)s alerts hold") % result)
        for failure in result["failures"]:
            say("! " + words.failure(failure))
        for path in result["files"]:
            say(path)


def _changes(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Refused(_("The file %(path)s cannot be read: %(why)s") % {"path": path, "why": error.strerror}) from None
    except ValueError as error:
        raise Refused(_("The file %(path)s is not JSON: %(why)s") % {"path": path, "why": error}) from None
