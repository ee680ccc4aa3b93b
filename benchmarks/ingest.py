"""How fast files come in, and in how much memory: `python -m benchmarks.ingest [--rows 100000 1000000] [--kind K]`.

K is `transactions` (told apart by their id) or `activity` (without one: hashed, and counted over the file).

Needs PostgreSQL (DATABASE_URL names a server on which databases may be made). Each size runs in a process of its own
against a database that is made for it and dropped after; the rows are seeded. In the same run the same rows go in by
`bulk_create(ignore_conflicts=True)` from ready dictionaries, which validates nothing and cannot say what it inserted.
"""

import argparse
import csv
import datetime as dt
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

CUSTOMERS = 20_000
TRANSACTIONS = ("transaction_id", "customer_id", "occurred_at", "amount", "product_category", "status")
ACTIVITY = ("customer_id", "date", "activity_type", "user_count", "session_duration", "feature_name", "usage_depth")
DAY = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - local, as in a source's file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--kind", choices=("transactions", "activity"), default="transactions")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.kind)
        return
    server = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
    for n_rows in options.rows:
        in_a_database_of_its_own(server, n_rows, options.kind)


def in_a_database_of_its_own(server: str, n_rows: int, kind: str) -> None:
    name = f"benchmark_ingest_{os.getpid()}"
    with psycopg.connect(server.replace("postgres://", "postgresql://"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            with tempfile.TemporaryDirectory() as folder:
                url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
                environment = os.environ | {"DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "x", "DATA_DIR": folder}
                command = [sys.executable, "-m", "benchmarks.ingest", "--child", str(n_rows), "--kind", kind]
                subprocess.run(command, env=environment, check=True)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def child(n_rows: int, kind: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "churnsite.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        people, events = Path(folder, "customers.csv"), Path(folder, f"{kind}.csv")
        write(people, ("customer_id", "registered_on"), ((f"C{i}", "2023-01-01") for i in range(CUSTOMERS)))
        write(events, *(activity(n_rows) if kind == "activity" else (TRANSACTIONS, rows(n_rows))))
        timed(people, "customers")
        base = peak()
        before = time.process_time()
        first, report = timed(events, kind)
        cpu = time.process_time() - before
        top = peak()
        again, second = timed(events, kind)
        print(
            f"{n_rows:>9,} rows  first {n_rows / first:>8,.0f} rows/s ({report.added:,} added, "
            f"{report.set_aside:,} set aside)  again {n_rows / again:>8,.0f} rows/s ({second.unchanged:,} unchanged)  "
            f"peak {top:,.0f} MiB (before the file {base:,.0f})  own CPU {cpu / n_rows * 1e6:.0f} µs a row",
            flush=True,
        )
        if kind == "activity":
            return
        plain = bulk_create(min(n_rows, 100_000))
        print(f"{'':>14}  bulk_create {plain:,.0f} rows/s without validation: import is {n_rows / first / plain:.1f} ×")


def rows(n_rows: int):
    """Transactions, one in a thousand broken."""
    chance = random.Random(7)
    for i in range(n_rows):
        when = DAY + dt.timedelta(seconds=chance.randrange(180 * 86400))
        amount = "x" if i % 1000 == 999 else f"{chance.randrange(1, 50_000) / 100:.2f}"
        yield f"T{i}", f"C{chance.randrange(CUSTOMERS)}", when.isoformat(), amount, f"category {i % 12}", "completed"


def activity(n_rows: int):
    """Header and rows of activity: a third are logins of a date alone, of which many are alike; 1 in 1,000 broken."""
    return ACTIVITY, (activity_row(random.Random(7 * n_rows + i), i) for i in range(n_rows))


def activity_row(chance: random.Random, i: int):
    customer, day = f"C{chance.randrange(CUSTOMERS)}", DAY.date() + dt.timedelta(days=chance.randrange(180))
    if i % 3 == 0:
        return customer, day, "login", "", "", "", ""
    depth = "x" if i % 1000 == 998 else f"{chance.randrange(101) / 100:.2f}"
    minutes = f"{chance.randrange(600) / 10:.1f}"
    return customer, day, "feature_use", chance.randrange(1, 20), minutes, f"feature {i % 40}", depth


def write(path: Path, header, lines) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)


def timed(path: Path, kind: str):
    from customers.ingest import load_file

    start = time.perf_counter()
    report = load_file(path=path, kind=kind)
    return time.perf_counter() - start, report


def bulk_create(n_rows: int) -> float:
    """Rows a second of Django's own way, in batches of 5,000 from dictionaries with ready values."""
    from customers.models import Customer, Transaction

    pks = dict(Customer.objects.values_list("customer_id", "pk"))
    ready = [dict(zip(TRANSACTIONS, row, strict=True)) for row in rows(n_rows)]
    for number, row in enumerate(ready):
        row["transaction_id"] = f"B{number}"
        row["amount"] = "1.00" if row["amount"] == "x" else row["amount"]
        row["occurred_at"] = dt.datetime.fromisoformat(row["occurred_at"]).replace(tzinfo=dt.UTC)
        row["customer_id"] = pks[row["customer_id"]]
    start = time.perf_counter()
    for at in range(0, n_rows, 5_000):
        Transaction.objects.bulk_create([Transaction(**row) for row in ready[at : at + 5_000]], ignore_conflicts=True)
    return n_rows / (time.perf_counter() - start)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
