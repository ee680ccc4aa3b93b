"""The base of every management command: language, `--json`, progress, exit codes, one clear sentence on failure.

Exit codes: 0 done; 1 it ran and something failed or was refused; 2 wrong usage.
"""

import argparse
import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from customers import audit
from customers.clock import business_date

__all__ = ["Advance", "Command", "Refused", "Usage", "database_failure", "day"]

FIRST_YEAR, LAST_YEAR = 1900, 2999


class Refused(Exception):  # noqa: N818 - reads as what happened
    """The work was refused or failed for a reason that one sentence tells; commands exit with 1."""


class Usage(CommandError):  # noqa: N818 - reads as what happened
    """The command was called in a way that makes no sense; it exits with 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


class Advance:
    """Progress of a long job: call it with how much is done of how much; does nothing unless told where to show it."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._tasks: dict[str, Any] = {}

    def __call__(self, label: str, done: float, total: float | None = None) -> None:
        if self._progress is None:
            return
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(label, total=total)
        self._progress.update(self._tasks[label], completed=done, total=total)


class Command(BaseCommand):
    """Subclasses set `help` and `example`, add arguments, and return from `run` what `--json` prints."""

    example = ""
    has_as_of = False
    as_of_required = False
    stderr: Any
    stdout: Any

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("epilog", f"Example: python manage.py {self.example or subcommand}")
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object to standard output")
        if self.has_as_of:
            parser.add_argument(
                "--as-of",
                type=day,
                required=self.as_of_required,
                metavar="D",
                help="the as-of date, as in 2017-09-30" + ("" if self.as_of_required else " (default: today)"),
            )
        self.add_options(parser)

    def add_options(self, parser: CommandParser) -> None:
        """Arguments of the command's own."""

    def handle(self, *args: Any, **options: Any) -> None:
        if self.has_as_of and options["as_of"] is None:
            options["as_of"] = business_date()
        acting = audit.acting(via="command", source=type(self).__module__.rpartition(".")[2])
        with acting, translation.override(terminal_language()):
            try:
                with self.progress(show=not options["json"]) as advance:
                    result = self.run(advance=advance, **options)
                if options["json"]:
                    self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
                else:
                    self.report(result)
            except Refused as error:
                raise CommandError(str(error)) from error
        if self.failed(result):
            sys.exit(1)

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        """Do the work and return what `--json` prints."""
        raise NotImplementedError

    def report(self, result: dict[str, Any]) -> None:
        """Tell a person what came of it."""
        self.console.print_json(data=result, default=str)

    def failed(self, result: dict[str, Any]) -> bool:
        """Whether the command ran but something in it failed or was refused."""
        return False

    @property
    def console(self) -> Console:
        return Console(file=self.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())

    @contextmanager
    def progress(self, *, show: bool) -> Iterator[Advance]:
        if not (show and sys.stderr.isatty()):
            yield Advance()
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield Advance(progress)

    def run_from_argv(self, argv: list[str]) -> None:
        """As Django's, but a failure prints its sentence alone."""
        self._called_from_command_line = True
        parser = self.create_parser(argv[0], argv[1])
        options = vars(parser.parse_args(argv[2:]))
        args = options.pop("args", ())
        try:
            self.execute(*args, **options)
        except (CommandError, DatabaseError) as error:
            if options.get("traceback"):
                raise
            is_database = isinstance(error, DatabaseError)
            print(database_failure(error) if is_database else str(error), file=sys.stderr)
            sys.exit(getattr(error, "returncode", 1))


def database_failure(error: Exception) -> str:
    """A sentence with the first line of what the database said: those after it may hold values of rows."""
    with translation.override(terminal_language()):
        return _("The database failed: {error}").format(error=str(error).strip().partition("\n")[0])


def terminal_language() -> str:
    """LANGUAGE_CODE where it is set, else Chinese on a Chinese terminal and English elsewhere."""
    if os.environ.get("LANGUAGE_CODE"):
        return str(settings.LANGUAGE_CODE)
    terminal = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh-hans" if terminal.startswith("zh") else "en"


def day(raw: str) -> dt.date:
    """A date of an option, with room on both sides for windows and horizons."""
    try:
        found = dt.date.fromisoformat(raw)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a date such as 2017-09-30") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a date from {FIRST_YEAR} to {LAST_YEAR}")
    return found
