"""The features of one date by one worker process and by two, on PostgreSQL and Redis.

    python -m benchmarks.workers --customers 50000 --events 5000000 --repeats 5

Each worker has one thread for polars, so that two have two. The time is from queueing to the stored snapshot; the
sharing is the daily job's: a task for each slice of the rows, then one for each part of the customers. One worker and
two take turns, and the repeat with the least time of each is compared as well as the median of the pairs: where other
work runs on the machine, neither is free of it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.shop import AS_OF, Shop, database, fill

REDIS = os.environ.get("BENCHMARK_REDIS_URL", "redis://127.0.0.1:6379/12")
Measured = tuple[float, float, str]
DRIVER = """
import sys, time
import django
django.setup()
from predictions.models import FeatureSnapshot
from predictions.tasks import compute_features
FeatureSnapshot.objects.all().delete()
started = time.perf_counter()
compute_features.delay(sys.argv[1])
while not FeatureSnapshot.objects.exists():
    time.sleep(0.02)
found = FeatureSnapshot.objects.get()
print(time.perf_counter() - started, found.timings["reading"], found.sha256)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    shop = Shop(n_customers=options.customers, n_events=options.events)
    print(f"{shop.n_customers:,} customers, {shop.n_events:,} events")
    with database("shanjiaxia_benchmark_workers") as url, tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder, "DEBUG": "1", "REDIS_URL": REDIS}
        environment |= {"DJANGO_SETTINGS_MODULE": "churnsite.settings", "POLARS_MAX_THREADS": "1"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        fill(url=url, shop=shop)
        pairs = [pair(number, environment, Path(folder)) for number in range(options.repeats)]
    for n, runs in ((1, [one for one, _two in pairs]), (2, [two for _one, two in pairs])):
        seconds, reading, _sha256 = min(runs)
        print(f"{n} worker(s): {seconds:.1f} s: reading {reading:.1f} s, the rest {seconds - reading:.1f} s")
    median = statistics.median(two[0] / one[0] for one, two in pairs)
    least = min(two[0] for _one, two in pairs) / min(one[0] for one, _two in pairs)
    print(f"two against one: {least:.2f} of the time (least of each), {median:.2f} (median of pairs)")


def pair(number: int, environment: dict[str, str], folder: Path) -> tuple[Measured, Measured]:
    """One worker and two, in an order that changes."""
    order = (1, 2) if number % 2 == 0 else (2, 1)
    found = {n: measure(n, environment, folder) for n in order}
    assert found[1][2] == found[2][2], "the snapshots differ"
    told = ", ".join(f"{n} worker(s) {found[n][0]:.1f} s" for n in order)
    print(f"{told}; load {os.getloadavg()[0]:.1f}", flush=True)
    return found[1], found[2]


def measure(n_workers: int, environment: dict[str, str], folder: Path) -> Measured:
    command = [sys.executable, "-m", "celery", "-A", "churnsite", "worker", "-c", "1", "-l", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with (folder / "workers.log").open("a") as log:
        workers = [
            subprocess.Popen([*command, "-n", f"benchmark-{number}@%h"], env=environment, stdout=log, stderr=log)
            for number in range(n_workers)
        ]
        time.sleep(10)
        try:
            out = subprocess.run(
                [sys.executable, "-c", DRIVER, AS_OF.isoformat()], env=environment, check=True, stdout=-1, text=True
            ).stdout.split()
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(timeout=60)
    return float(out[0]), float(out[1]), out[2]


if __name__ == "__main__":
    main()
