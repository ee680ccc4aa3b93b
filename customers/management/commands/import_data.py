"""`import_data`: files of customers, purchases, contacts, links, accounts and interventions into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from customers.commands import Advance, Refused, Usage
from customers.commands import Command as Base
from customers.ingest import KINDS, FileReport, load_file, rehearsal
from customers.ingest.load import find_profile
from customers.ingest.read import SUFFIXES


class Command(Base):
    help = (
        "Import files of customers, transactions, interactions, links, accounts and interventions (CSV, gzip, Excel)."
    )
    example = "import_data demo/    or: python manage.py import_data --transactions sales.csv --encoding gbk"

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", nargs="?", type=Path, metavar="DIR", help="a folder with customers.csv and so on")
        for kind in KINDS:
            parser.add_argument(f"--{kind}", type=Path, metavar="F", help=f"a file of {kind}")
        parser.add_argument("--profile", metavar="NAME", help="the import profile that maps the source's columns")
        parser.add_argument("--encoding", metavar="E", help="of text files, as in gbk (default: UTF-8)")
        parser.add_argument("--dry-run", action="store_true", help="check and count, but write nothing")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        files = _files(options["dir"], {kind: options[kind] for kind in KINDS if options[kind]})
        if options["profile"]:
            find_profile(options["profile"])
        with rehearsal(dry_run=options["dry_run"]):
            self.reports = [
                load_file(
                    path=path, kind=kind, profile=options["profile"], encoding=options["encoding"], advance=advance
                )
                for kind, path in files.items()
            ]
        self.is_dry_run = options["dry_run"]
        return {"files": [report.as_json() for report in self.reports]}

    def failed(self, result: dict[str, Any]) -> bool:
        for report in self.reports:
            if report.refused:
                self.stderr.write(report.refused)
        return any(report.refused for report in self.reports)

    def report(self, result: dict[str, Any]) -> None:
        for report in self.reports:
            if not report.refused:
                self._tell(report)
        if self.is_dry_run:
            self.console.print(_("This was a dry run: nothing was written."))

    def _tell(self, report: FileReport) -> None:
        self.console.print(
            _(
                "%(name)s: %(read)s rows read = %(added)s added + %(updated)s updated + %(unchanged)s unchanged"
                " + %(set_aside)s set aside"
            )
            % {name: getattr(report, name) for name in ("name", *_COUNTS)},
            markup=False,
        )
        if report.ignored_columns:
            self.console.print(
                "  " + _("Ignored columns: %(columns)s") % {"columns": ", ".join(report.ignored_columns)}, markup=False
            )
        for error in report.errors:
            words = " ".join(filter(None, (error["column"] or "", _message(error))))
            self.console.print(
                "  " + _("line %(line)s: %(words)s") % {"line": error["line"], "words": words}, markup=False
            )


_COUNTS = ("read", "added", "updated", "unchanged", "set_aside")


def _message(error: dict[str, Any]) -> str:
    return str(error["message"])


def _files(folder: Path | None, named: dict[str, Path]) -> dict[str, Path]:
    """The file of each kind, in the order in which they are loaded."""
    found = _in_folder(folder) if folder else {}
    files = found | named
    if not files:
        if folder:
            raise Refused(
                _("%(folder)s has none of the files %(names)s.")
                % {"folder": folder, "names": ", ".join(f"{kind}.csv" for kind in KINDS)}
            )
        raise Usage(_("Name a folder or a file to import; see --help."))
    for path in files.values():
        if not path.is_file():
            raise Refused(_("There is no file %(path)s.") % {"path": path})
    return {kind: files[kind] for kind in KINDS if kind in files}


def _in_folder(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise Refused(_("There is no folder %(folder)s.") % {"folder": folder})
    found: dict[str, Path] = {}
    for kind in KINDS:
        paths = [folder / f"{kind}{suffix}" for suffix in SUFFIXES if (folder / f"{kind}{suffix}").is_file()]
        if len(paths) > 1:
            raise Refused(
                _("%(folder)s has both %(one)s and %(other)s; name the one to import.")
                % {"folder": folder, "one": paths[0].name, "other": paths[1].name}
            )
        if paths:
            found[kind] = paths[0]
    return found
