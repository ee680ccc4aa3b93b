"""The admin on a port, ready to use."""

import os
import secrets
import socket
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused
from customers.commands import Command as Base

SECONDS_TO_END = 5


class Command(Base):
    help = (
        "Serves the admin. Brings the database up to date first, and makes a first user where there is none. "
        "Without REDIS_URL the queue and the schedule run in the same process."
    )
    example = "serve --port 8000"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=_port, default=8000, help="the port to listen on (default: 8000)")
        parser.add_argument(
            "--workers", type=_count, help="processes; with REDIS_URL one a core, else one, which has the queue in it"
        )

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        refuse_taken_port(host=options["host"], port=options["port"])
        migrate_if_needed()
        self.tell(first_user())
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        self.tell(_("The admin is on http://{host}:{port}/admin/ - Ctrl-C ends it.").format(**options))
        if settings.REDIS_URL:
            self.tell(_("The queue is in Redis: run a worker and a beat beside this, as docs/operations.md says."))
        serve(host=options["host"], port=options["port"], workers=workers(options["workers"]))
        return {}

    def report(self, result: dict[str, Any]) -> None:
        """Nothing is left to say at the end."""

    def tell(self, sentence: str) -> None:
        if sentence:
            self.stderr.write(sentence, style_func=str)
            self.stderr.flush()


def refuse_taken_port(*, host: str, port: int) -> None:
    """Raise Refused where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sentence = _("Port {port} of {host} cannot be used ({why}). Name another with --port.")
            raise Refused(sentence.format(port=port, host=host, why=error.strerror)) from None


def migrate_if_needed() -> None:
    """Apply the migrations that are not applied."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        raise Refused(_("The database does not answer: {why}").format(why=str(error).strip())) from error


def first_user() -> str:
    """What to tell about the first user: with DEBUG one is made, else the operator makes it."""
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return ""
    if not settings.DEBUG:
        return _("There is no user yet: make one with python manage.py createsuperuser.")
    password = secrets.token_urlsafe(9)
    users.objects.create_superuser("admin", password=password)
    return _("Sign in as admin with the password {password} (shown this once).").format(password=password)


def workers(wanted: int | None) -> int:
    """How many processes serve; without Redis the queue lives in the one that there is. Raises Refused for more."""
    if settings.REDIS_URL:
        return wanted or os.cpu_count() or 1
    if wanted and wanted > 1:
        raise Refused(_("Several workers need REDIS_URL: without it the queue is in the one process."))
    return 1


def serve(*, host: str, port: int, workers: int) -> None:
    """Listen until told to end; open requests get some seconds to finish.

    With several processes each has one thread: a second one would only wait for the first.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    connection.close()
    Granian(
        "churnsite.served:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1 if workers > 1 else 2,
        backlog=2048,
        log_level=LogLevels.warning,
        workers_kill_timeout=SECONDS_TO_END,
    ).serve()


def _count(raw: str) -> int:
    count = int(raw)
    if count < 1:
        raise ValueError
    return count


def _port(raw: str) -> int:
    port = int(raw)
    if not 0 < port < 65536:
        raise ValueError
    return port
