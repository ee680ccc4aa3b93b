"""How long every page of the admin takes with a million customers and 30 million predictions, on PostgreSQL.

    python -m benchmarks.admin_pages --customers 100000 1000000 --keep

Each size is in a database of its own (`benchmark_admin_<customers>`, about 14 GB at a million), made by
`benchmarks.million` in some minutes; `--keep` leaves it, and a database that is there is used as it is. Pages are
opened through Django's test client in one process, so that what is timed is the whole page without the network: once to
warm up, then a few times, of which the median and the worst count.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.shop import AS_OF, SERVER
from benchmarks.track import peak_mib, set_up

TERMS = {
    "a whole customer ID": "C000000777",
    "the beginning of one": "C00000",
    "a name": "Zhang Wei",
    "part of a word": "zha",
    "nothing has it": "no such thing",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an address took: seconds, those of the program alone and of the database, the queries and the slowest."""

    page: str
    way: str
    url: str
    status: int
    median: float
    worst: float
    cpu: float
    database: float
    n_queries: int
    slowest: float
    sql: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--keep", action="store_true", help="leave the databases for another time")
    parser.add_argument("--database", help="the name of a database, instead of benchmark_admin_<customers>")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--patience", type=int, default=60, help="seconds until a statement is given up")
    parser.add_argument("--only", default="", help="a part of the page's name")
    parser.add_argument("--out", type=Path, help="a file for every figure, as JSON lines")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options)
        return
    for n_customers in options.customers:
        name = options.database or f"benchmark_admin_{n_customers}"
        url = urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
        with tempfile.TemporaryDirectory() as folder:
            facts = {
                "DATABASE_URL": url,
                "DATA_DIR": folder,
                "DEBUG": "1",
                "REDIS_URL": "",
                "BUSINESS_DATE": str(AS_OF),
            }
            environment = os.environ | facts
            make(name=name, n_customers=n_customers, environment=environment)
            print(f"{n_customers:,} customers, {n_customers * 30:,} predictions", flush=True)
            command = [sys.executable, "-m", "benchmarks.admin_pages", "--measure", *sys.argv[1:]]
            subprocess.run(command, env=environment, check=True)
        if not options.keep:
            on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def make(*, name: str, n_customers: int, environment: dict[str, str]) -> None:
    """The database, unless it is there; new migrations are applied in any case."""
    is_there = on_server("SELECT 1 FROM pg_database WHERE datname = %s", name)
    if not is_there:
        on_server(f'CREATE DATABASE "{name}"')
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    if not is_there:
        command = [sys.executable, "-m", "benchmarks.million", str(n_customers)]
        subprocess.run(command, env=environment, check=True)


def on_server(statement: str, *values: str) -> list[Any]:
    with psycopg.connect(SERVER.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
        found = server.execute(statement.encode(), values)
        return found.fetchall() if found.description else []


def measure(options: argparse.Namespace) -> None:
    """Open everything and print what took longer than a second, and the memory."""
    os.environ["PGOPTIONS"] = f"-c statement_timeout={options.patience}s"
    set_up()
    found: list[Found] = []
    for one in opened(repeats=options.repeats, only=options.only):
        found.append(one)
        if options.out:
            with options.out.open("a") as file:
                file.write(json.dumps(asdict(one)) + "\n")
        if one.median > 1 or one.status >= 500:
            tell(one)
    slow = [one for one in found if one.median > 1]
    quick = sorted(one.median for one in found)
    print(
        f"{len(found)} addresses, {len(slow)} over a second; median {statistics.median(quick):.2f} s, "
        f"worst {quick[-1]:.2f} s; peak {peak_mib():,.0f} MiB",
        flush=True,
    )


def opened(*, repeats: int, only: str) -> Iterator[Found]:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    from tests.addresses import addresses

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.filter(is_superuser=True).order_by("pk")[0])
    for address in addresses(client, day=AS_OF, terms=TERMS, n_choices=3, only=only):
        open_once(client, address.url)
        times = [open_once(client, address.url) for _ in range(repeats)]
        seconds = [one[0] for one in times]
        _seconds, status, queries, _cpu = times[-1]
        slowest = max(queries, key=lambda one: float(one["time"]), default={"time": "0", "sql": ""})
        yield Found(
            page=address.page,
            way=address.way,
            url=address.url,
            status=status,
            median=statistics.median(seconds),
            worst=max(seconds),
            cpu=statistics.median(one[3] for one in times),
            database=sum(float(one["time"]) for one in queries),
            n_queries=len(queries),
            slowest=float(slowest["time"]),
            sql=str(slowest["sql"]),
        )


def open_once(client: Any, url: str) -> tuple[float, int, list[dict[str, str]], float]:
    """Seconds, status, queries and the program's own seconds of CPU; of a download, until its first rows come."""
    from django.db import connection, reset_queries

    connection.force_debug_cursor = True
    reset_queries()
    started, cpu = time.perf_counter(), time.process_time()
    response = client.get(url)
    if response.streaming:
        next(iter(response.streaming_content), None)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    response.close()
    return seconds, response.status_code, list(connection.queries), cpu


def tell(one: Found) -> None:
    sql = " ".join(one.sql.split())
    print(
        f"{one.median:7.2f} s (worst {one.worst:.2f}; CPU {one.cpu:.2f}, database {one.database:.2f}) "
        f"{one.n_queries:>3} queries, {one.status}  {one.page}: {one.way}\n"
        f"          {one.slowest:.2f} s of it: {sql[:600]}",
        flush=True,
    )


if __name__ == "__main__":
    main()
