"""The data report and the purge on a made-up shop: `python -m benchmarks.archive [--events 1000000 5000000]`.

Each size is in a PostgreSQL database of its own, which is dropped at the end; each part runs in a process of its own,
whose peak memory is its largest resident set. The purge moves every row, six months of them.
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time

from benchmarks.daily import peak_mib, set_up
from benchmarks.shop import AS_OF, Shop, database, fill


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        measure(options.part)
        return
    for n_events in options.events:
        with database("shanjiaxia_archive_benchmark") as url, tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder, "DEBUG": "1", "REDIS_URL": ""}
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
            fill(url=url, shop=Shop(n_customers=options.customers, n_events=n_events))
            for part in PARTS:
                command = [sys.executable, "-m", "benchmarks.archive", "--part", part]
                out = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
                tell(part, json.loads(out.splitlines()[-1]))


def measure(part: str) -> None:
    set_up()
    before, started, cpu = peak_mib(), time.perf_counter(), time.process_time()
    n_rows = PARTS[part]()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"rows": n_rows, "seconds": seconds, "cpu": cpu, "before": before, "peak": peak_mib()}))


def report() -> int:
    from customers import report

    found = report.figures(as_of=AS_OF)
    report.html(found)
    return sum(found.n_rows[table] for table in ("transactions", "interactions"))


def purge() -> int:
    from customers import archive

    moved = archive.purge(as_of=AS_OF + dt.timedelta(days=200))
    return sum(moved["kinds"][kind]["n_rows"] for kind in ("transactions", "interactions"))


def tell(part: str, found: dict[str, float]) -> None:
    print(
        f"{part:<8}{found['rows']:>11,} rows  wall {found['seconds']:7.1f} s  CPU {found['cpu']:7.1f} s  "
        f"{found['rows'] / found['seconds']:>9,.0f} rows/s  peak {found['peak']:,.0f} MiB "
        f"(before the first row {found['before']:,.0f})",
        flush=True,
    )


PARTS = {"report": report, "purge": purge}

if __name__ == "__main__":
    main()
