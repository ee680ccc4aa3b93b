"""`manage.py purge_expired`"""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers import archive, commands
from customers.commands import Advance


class Command(commands.Command):
    help = "Moves rows past their retention into the archive: Parquet by month, checksummed, read back, compared."
    example = "purge_expired --as-of 2017-09-30 --dry-run"
    has_as_of = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        return archive.purge(as_of=options["as_of"], dry_run=options["dry_run"], advance=advance)

    def report(self, result: dict[str, Any]) -> None:
        head = _("{n} rows would go to the archive.") if result["dry_run"] else _("{n} rows went to the archive.")
        self.console.print(head.format(n=f"{result['n_rows']:,}"))
        for kind, moved in result["kinds"].items():
            for month, n_rows in moved["months"].items():
                self.console.print(f"  {kind}  {month}  {n_rows:,}")
