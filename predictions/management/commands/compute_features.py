"""Compute and store the 88 features of a date."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers.clock import business_date
from customers.commands import Advance
from customers.commands import Command as Base
from predictions import feature_file, snapshots


class Command(Base):
    help = "Compute the 88 features of every customer registered before a date, and store them as its snapshot."
    example = "compute_features --as-of 2017-10-01 --out features.csv"
    has_as_of = True
    as_of_required = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE", help="write FILE.csv or FILE.parquet as well")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        as_of, out, today = options["as_of"], options["out"], business_date()
        start = time.perf_counter()
        if out:
            feature_file.checked(out)
        # Computed again even if it is there: facts may have come since.
        snapshot = snapshots.ensure(as_of=as_of, again=True, advance=advance)
        if out:
            feature_file.write(as_of=as_of, path=out, horizon_days=settings.HORIZON_DAYS, today=today)
        return {
            "as_of": as_of.isoformat(),
            "customers": snapshot.n_customers,
            "eligible": snapshot.n_eligible,
            "catalogue_version": snapshot.catalogue_version,
            "path": str(Path(settings.DATA_DIR) / snapshot.path),
            "sha256": snapshot.sha256,
            "out": str(out) if out else None,
            "is_future": as_of > today,
            "timings": snapshot.timings | {"total": round(time.perf_counter() - start, 3)},
        }

    def report(self, result: dict[str, Any]) -> None:
        say = self.console.print
        say(_("88 features of %(customers)s customers as of %(as_of)s, %(eligible)s of them eligible.") % result)
        if result["is_future"]:
            say(_("This date is in the future: the facts simply stop today."))
        say(_("Stored in %(path)s") % result)
        if result["out"]:
            say(_("Written to %(out)s") % result)
