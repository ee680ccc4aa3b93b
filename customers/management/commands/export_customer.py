"""One customer's data in a file, on request."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers.commands import Advance
from customers.commands import Command as Base
from customers.personal.exporting import export


class Command(Base):
    help = "Writes everything that is kept of one customer into a ZIP file: all as JSON, each table as CSV too."
    example = "export_customer C-1001 --out customer.zip"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("customer_id", help="the customer's ID")
        parser.add_argument("--out", type=Path, required=True, help="the file to write")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        counts = export(customer_id=options["customer_id"], out=options["out"])
        return {"path": str(options["out"]), "rows": counts}

    def report(self, result: dict[str, Any]) -> None:
        n_rows = sum(result["rows"].values())
        self.console.print(_("%(n)s rows are in %(path)s.") % {"n": n_rows, "path": result["path"]})
