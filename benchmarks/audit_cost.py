"""What the audit log costs an import: rows added and rows changed, with its triggers and without.

    DATABASE_URL=postgres://... python benchmarks/audit_cost.py [ROWS]

The database must be empty; rows go in and are changed in turns with the triggers and without, so that one is not always
the later.
"""

import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churnsite.settings")
os.environ.setdefault("DEBUG", "1")
django.setup()

from django.core.management import call_command  # noqa: E402

from customers.audit import triggers  # noqa: E402
from customers.clock import business_date  # noqa: E402
from customers.ingest.load import load_file  # noqa: E402

N_CUSTOMERS = 10_000
ROUNDS = 3


def main(n_rows: int) -> None:
    call_command("migrate", verbosity=0)
    folder = Path(tempfile.mkdtemp())
    day = business_date() - dt.timedelta(days=30)
    people = (f"c{i},{day}" for i in range(N_CUSTOMERS))
    _load(_file(folder / "customers.csv", "customer_id,registered_on", people), "customers")
    seconds: dict[tuple[str, bool], list[float]] = {}
    for turn in range(ROUNDS):
        for with_log in (turn % 2 == 0, turn % 2 == 1):
            triggers.install() if with_log else triggers.remove(plan=("all",))
            for what, amount in (("added", 10), ("changed", 11)):
                rows = (
                    f"t{turn}-{with_log:d}-{i},c{i % N_CUSTOMERS},{day}T12:00:00+00:00,{amount}" for i in range(n_rows)
                )
                head = "transaction_id,customer_id,occurred_at,amount"
                path = _file(folder / "transactions.csv", head, rows)
                seconds.setdefault((what, with_log), []).append(_load(path, "transactions"))
    triggers.install()
    for what in ("added", "changed"):
        without, with_log = (min(seconds[what, one]) for one in (False, True))
        print(f"{n_rows:,} rows {what}: {without:.2f} s without, {with_log:.2f} s with, ratio {with_log / without:.2f}")


def _file(path: Path, head: str, rows: object) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n")  # type: ignore[misc]
    return path


def _load(path: Path, kind: str) -> float:
    began = time.perf_counter()
    report = load_file(path=path, kind=kind)
    assert not report.set_aside, report.errors
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
