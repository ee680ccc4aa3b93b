"""Time and memory of training: `python -m benchmarks.training --rows 1000000`.

Seeded rows with the 88 columns, some with holes and some labels, go through what `train_model` does with them once they
are computed: encoding, every candidate, the search, calibration, test weeks, and the feature analysis. Which candidates
are fitted on a sample is printed.
"""

import argparse
import datetime as dt
import resource
import time

import numpy as np
import polars as pl

from predictions.features.catalogue import FEATURES, LABELS
from predictions.modelling.analysis import analyse
from predictions.modelling.contest import best, enter_all
from predictions.modelling.encoding import Encoding
from predictions.modelling.examination import examine, thinned
from predictions.modelling.leaks import single_aucs
from predictions.modelling.rows import Rows

NAMES = tuple(feature.name for feature in FEATURES)
N_DATES = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--trials", type=int, default=8)
    options = parser.parse_args()
    frame = made(options.rows)
    told(f"{options.rows:,} rows x {len(NAMES)} made", 0.0)
    start = time.perf_counter()
    encoding = Encoding.fit(frame, names=NAMES, labels=sorted(LABELS))
    day = frame["day"].to_numpy()
    train, calibration, test = (
        rows_of(frame.filter(pl.Series(chosen)), encoding)
        for chosen in (day < N_DATES * 0.7, (day >= N_DATES * 0.7) & (day < N_DATES * 0.88), day >= N_DATES * 0.88)
    )
    del frame
    told("encoding", time.perf_counter() - start)
    marks = [time.perf_counter()]

    def mark(name: str, done: int, total: int) -> None:
        told(f"  {name} begins", time.perf_counter() - marks[0])

    entries = enter_all(
        train=train, validation=calibration, encoding=encoding, trials=options.trials, seed=1, advance=mark
    )
    told("candidates and calibration", time.perf_counter() - marks[0])
    chosen, begun = best(entries), time.perf_counter()
    sampled = thinned(test, seed=1)
    for entry in entries:
        examine(entry=entry, test=sampled, is_seen=sampled.customers % 5 > 0, seed=1)
    told("test weeks, intervals", time.perf_counter() - begun)
    begun = time.perf_counter()
    labels = encoding.label_positions
    single = single_aucs(rows=train.sample(most=50_000, seed=1), names=NAMES, labels=labels)
    analyse(model=chosen.model, rows=calibration, names=NAMES, labels=labels, single=single, seed=1)
    told("leaks, feature analysis", time.perf_counter() - begun)
    told("ALL", time.perf_counter() - start)
    print("rows fitted:", {entry.name: entry.n_rows for entry in entries}, "search on 60,000 at most")


def made(n: int) -> pl.DataFrame:
    random = np.random.default_rng(0)
    hidden = random.normal(size=n).astype(np.float32)
    columns: dict[str, object] = {"day": (np.arange(n) * N_DATES // n).astype(np.int32)}
    for number, name in enumerate(NAMES):
        if name in LABELS:
            columns[name] = pl.Series(random.choice(["a", "b", "c", "d"], n)).cast(pl.Categorical)
            continue
        values = hidden * np.float32(0.5 / (1 + number % 11)) + random.standard_normal(n, dtype=np.float32)
        if number % 3 == 0:
            values[random.random(n) < 0.2] = np.nan
        columns[name] = np.exp(values) if number % 2 else np.round(np.abs(values) * 5)
    customers = random.integers(0, max(n // N_DATES, 1), n)
    churned = random.random(n) < 1 / (1 + np.exp(0.7 + hidden))
    return pl.DataFrame({**columns, "customer_pk": customers, "churned": churned})


def rows_of(frame: pl.DataFrame, encoding: Encoding) -> Rows:
    return Rows(
        encoding.matrix(frame),
        frame["churned"].to_numpy(),
        frame["customer_pk"].to_numpy(),
        frame["day"].to_numpy() * 7 + dt.date(2017, 1, 1).toordinal(),
    )


def told(name: str, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{name:<36} {seconds:8.1f} s   peak {peak:5.2f} GB", flush=True)


if __name__ == "__main__":
    main()
