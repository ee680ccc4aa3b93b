"""How fast a table from elsewhere is analysed, and in how much memory: `python -m benchmarks.analyse`.

Seeded tables of eight columns and three arms go through `manage.py analyse_csv`, with amounts and a covariate, each run
in a process of its own: the time includes the start of Python and Django.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ARMS = ("control", "mail", "call")
SHARES = (0.1, 0.45, 0.45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[64_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for n_rows in options.rows:
            path = Path(folder) / f"{n_rows}.csv"
            write(path, n_rows)
            for _ in range(options.runs):
                told(path, n_rows, Path(folder))


def write(path: Path, n_rows: int) -> None:
    random = np.random.default_rng(0)
    arm = random.choice(len(ARMS), n_rows, p=SHARES)
    before = np.round(random.gamma(2, 50, n_rows), 2)
    spend = np.round(before / 2 + random.gamma(1, 30, n_rows), 2)
    left = (random.random(n_rows) < 0.3 - 0.02 * arm).astype(int)
    columns = (arm.tolist(), left.tolist(), spend.tolist(), before.tolist())
    with path.open("w", encoding="utf-8") as file:
        file.write("customer_id,arm,left,spend,spend_before,city,note,assigned_at\n")
        for number, (place, *cells) in enumerate(zip(*columns, strict=True)):
            file.write(f'{number},{ARMS[place]},{",".join(map(str, cells))},上海,"a, b",2026-01-01 10:00:00\n')


def told(path: Path, n_rows: int, folder: Path) -> None:
    command = [sys.executable, "manage.py", "analyse_csv", str(path), "--group=arm", "--control=control", "--json"]
    command += ["--outcome=left", "--metric=spend", "--covariate=spend_before", "--shares=1,4.5,4.5"]
    environment = os.environ | {"DEBUG": "1", "DATA_DIR": str(folder)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = path.stat().st_size / 2**20
    # The largest of all children so far, so sizes are given rising.
    peak = after.ru_maxrss / 1024
    print(
        f"{n_rows:>10,} rows {size:6.1f} MiB   wall {wall:5.2f} s   CPU {cpu:5.2f} s   peak {peak:5.0f} MiB", flush=True
    )


if __name__ == "__main__":
    main()
