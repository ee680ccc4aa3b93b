"""`manage.py report_data`"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers import commands, report
from customers.commands import Advance, Refused


class Command(commands.Command):
    help = "Reports on the data: what is there, what is missing, and which label would mean something."
    example = "report_data --as-of 2017-09-30 --out report.html"
    has_as_of = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE.html", help="default: reports/ in the data folder")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        found = report.figures(as_of=options["as_of"], advance=advance)
        path = options["out"] or Path(settings.DATA_DIR) / "reports" / f"data-{found.as_of}.html"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(report.html(found), encoding="utf-8")
        except OSError as error:
            raise Refused(_("{path} cannot be written: {why}.").format(path=path, why=error.strerror)) from error
        return found.as_json() | {"report": str(path)}

    def report(self, result: dict[str, Any]) -> None:
        for warning in result["warnings"]:
            self.console.print(f"- {warning['message']}", markup=False)
        self.console.print(result["report"], markup=False)
