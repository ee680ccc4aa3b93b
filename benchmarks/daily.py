"""The daily job on a made-up shop, stage by stage, and the features against other ways to compute them.

    python -m benchmarks.daily --customers 100000 --events 10000000

The shop is in a PostgreSQL database of its own, which is dropped at the end; BENCHMARK_DATABASE_URL names the server.
Each part runs in a process of its own, whose peak memory is its largest resident set. The model is trained before on a
small shop of the same kind.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.shop import AS_OF, Shop, database, fill

TRAINING_SHOP = Shop(n_customers=1_200, n_events=80_000, seed=7)
TOLERANCE = 1e-9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=200, help="customers that the loop is timed on")
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        STAGES[options.stage](options)
        return
    shop = Shop(n_customers=options.customers, n_events=options.events)
    with database("shanjiaxia_benchmark") as url, tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder, "DEBUG": "1", "REDIS_URL": ""}
        run([sys.executable, "manage.py", "migrate", "-v0"], environment)
        fill(url=url, shop=TRAINING_SHOP)
        stage("train", options, environment)
        started = time.perf_counter()
        fill(url=url, shop=shop)
        print(
            f"{shop.n_customers:,} customers, {shop.n_events:,} events, made in {time.perf_counter() - started:.0f} s"
        )
        tell_day(stage("day", options, environment), shop)
        if not options.no_rivals:
            tell_rivals(stage("rivals", options, environment))


def stage(name: str, options: argparse.Namespace, environment: dict[str, str]) -> dict[str, Any]:
    """Run a stage in a process of its own; what it printed last, and its peak memory."""
    sizes = ["--customers", str(options.customers), "--events", str(options.events), "--sample", str(options.sample)]
    out = run([sys.executable, "-m", "benchmarks.daily", "--stage", name, *sizes], environment)
    return json.loads(out.splitlines()[-1])


def run(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def set_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churnsite.settings")
    django.setup()


def peak_mib() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def train(options: argparse.Namespace) -> None:
    set_up()
    from predictions.models import FeatureSnapshot, Prediction
    from predictions.training import train

    model = train(as_of=AS_OF, trials=1)
    FeatureSnapshot.objects.all().delete()
    Prediction.objects.all().delete()
    print(json.dumps({"kind": model.kind, "peak": peak_mib()}))


def day(options: argparse.Namespace) -> None:
    set_up()
    from churnsite.daily import run_daily
    from predictions.models import FeatureSnapshot, Prediction

    before = peak_mib()
    started, cpu = time.perf_counter(), time.process_time()
    job = run_daily(as_of=AS_OF)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert job.state == "done", job.error
    snapshot = FeatureSnapshot.objects.get(as_of=AS_OF)
    steps = {step.name: (step.ended_at - step.started_at).total_seconds() for step in job.steps.all()}
    result = {"seconds": seconds, "cpu": cpu, "peak": peak_mib(), "before": before, "steps": steps}
    counts = {"customers": snapshot.n_customers, "scored": Prediction.objects.filter(as_of=AS_OF).count()}
    print(json.dumps(result | counts | {"timings": snapshot.timings}))


def tell_day(found: dict[str, Any], shop: Shop) -> None:
    print(f"\ndaily job {found['seconds']:.1f} s (CPU {found['cpu']:.1f} s here, PostgreSQL's not counted)")
    print(f"peak memory {found['peak']:,.0f} MiB, of which {found['before']:,.0f} before the first row")
    rows = {"reading": shop.n_events, "features": shop.n_events, "writing": found["customers"]}
    stages = [(name, found["timings"][name], rows[name]) for name in rows]
    stages += [("score and write", found["steps"]["score"], found["scored"])]
    stages += [(name, found["steps"][name], None) for name in ("import", "outcomes", "drift", "retention")]
    print(f"\n{'stage':<18}{'seconds':>9}{'share':>8}{'rows/s':>13}")
    for name, seconds, n in stages:
        rate = f"{n / seconds:>13,.0f}" if n and seconds else ""
        print(f"{name:<18}{seconds:>9.2f}{seconds / found['seconds']:>8.1%}{rate}")


def rivals(options: argparse.Namespace) -> None:
    set_up()
    import polars as pl

    from benchmarks import rivals as others
    from predictions.features import engine
    from predictions.spool import Spool, history

    spool = Spool.fill(since=history(AS_OF), until=AS_OF, parts=None, advance=lambda *a: None)
    parts = [parts_of(spool, part) for part in spool.parts]
    neighbours = spool.neighbours(as_of=AS_OF)

    def by_engine() -> pl.DataFrame:
        made = [
            engine.compute(as_of=AS_OF, customers=c, transactions=t, interactions=i, neighbours=neighbours)
            for c, t, i in parts
        ]
        return pl.concat(made)

    _everything, costs = timed(by_engine)
    result = {"engine, all 88": costs}
    engine.FEATURES = tuple(one for one in engine.FEATURES if one.name in others.NAMES)
    engine.COLUMNS = {name: kind for name, kind in engine.COLUMNS.items() if name in everything_of(others.NAMES)}
    engine.needed_terms.cache_clear()
    keep_for_eligible(engine)
    truth, result["engine"] = timed(by_engine)
    customers, transactions, interactions = (pl.concat(frames) for frames in zip(*parts, strict=True))
    arrow = {
        "customers": customers.to_arrow(),
        "transactions": plain(transactions).to_arrow(),
        "interactions": plain(interactions).to_arrow(),
    }
    connection = others.duckdb_tables(threads=os.cpu_count() or 1, **arrow)
    answer, result["DuckDB SQL"] = timed(lambda: others.with_duckdb(as_of=AS_OF, connection=connection))
    connection.close()
    compare("DuckDB", truth, answer)
    frames = {name: pandas_frame(table) for name, table in arrow.items()}
    answer, result["pandas"] = timed(lambda: others.with_pandas(as_of=AS_OF, **frames))
    compare("pandas", truth, answer)
    chosen = random.Random(1).sample(truth["customer_pk"].to_list(), min(options.sample, truth.height))
    answer, costs = timed(lambda: by_loop(chosen, customers))
    compare("loop", truth.filter(pl.col("customer_pk").is_in(chosen)), answer)
    result["loop (extrapolated)"] = [cost * truth.height / len(chosen) for cost in costs]
    spool.remove()
    print(json.dumps({"costs": result, "features": len(others.NAMES), "peak": peak_mib()}))


def keep_for_eligible(engine: Any) -> None:
    """Eligibility reads terms that stay needed: those of the declared features hold them already."""
    assert {"account_status", "active_days_20d"} <= {one.name for one in engine.FEATURES}


def everything_of(names: tuple[str, ...]) -> set[str]:
    return {"customer_pk", "customer_id", "eligible", *names}


def parts_of(spool: Any, part: int) -> tuple[Any, Any, Any]:
    import polars as pl

    from predictions.features import engine

    customers = spool.customers().filter(pl.col("part") == part).select(*engine.CUSTOMERS)
    return customers, spool.events("transactions", part), spool.events("interactions", part)


def plain(frame: Any) -> Any:
    """Enums as text, blank as null: what a table of the rivals holds."""
    import polars as pl

    enums = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Enum)]
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    frame = frame.with_columns(pl.col(name).cast(pl.String) for name in enums)
    return frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts)


def pandas_frame(table: Any) -> Any:
    import pandas as pd

    frame = table.to_pandas()
    for name in {"day", "registered_on", "status_since"} & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name])
    for name in {"category", "method", "kind", "channel", "status"} & set(frame.columns):
        frame[name] = frame[name].astype("category") if name != "category" else frame[name]
    return frame


def by_loop(chosen: list[int], customers: Any) -> Any:
    """Two queries a customer, and Python."""
    import polars as pl
    from django.db import connection

    from benchmarks import rivals as others

    facts = {row["customer_pk"]: row for row in customers.filter(pl.col("customer_pk").is_in(chosen)).to_dicts()}
    found = []
    with connection.cursor() as cursor:
        for pk in chosen:
            cursor.execute(
                "SELECT occurred_at AT TIME ZONE 'Asia/Shanghai', amount, product_category, payment_method, status "
                "FROM customers_transaction WHERE customer_id = %s",
                [pk],
            )
            bought = [(at.date(), at.hour, int(amount * 100), *rest) for at, amount, *rest in cursor.fetchall()]
            cursor.execute(
                "SELECT occurred_at AT TIME ZONE 'Asia/Shanghai', kind, channel, duration_seconds, page_depth, "
                "satisfaction FROM customers_interaction WHERE customer_id = %s",
                [pk],
            )
            met = [(at.date(), *rest) for at, *rest in cursor.fetchall()]
            values = others.for_one(as_of=AS_OF, customer=facts[pk], bought=bought, met=met)
            found.append({"customer_pk": pk, **values})
    return pl.DataFrame(found, infer_schema_length=None)


def timed(work: Callable[[], Any]) -> tuple[Any, list[float]]:
    """The value, and CPU and wall seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = work()
    return value, [time.process_time() - cpu, time.perf_counter() - wall]


def compare(name: str, truth: Any, answer: Any) -> None:
    """Every value of the rival is the engine's."""
    import polars as pl

    from benchmarks.rivals import NAMES

    truth, answer = truth.sort("customer_pk"), answer.sort("customer_pk")
    assert truth["customer_pk"].to_list() == answer["customer_pk"].cast(pl.Int64).to_list(), name
    for feature in NAMES:
        mine, theirs = truth[feature], answer[feature]
        if mine.dtype == pl.String or not mine.dtype.is_numeric():
            wrong = mine.cast(pl.String).ne_missing(theirs.cast(pl.String))
        else:
            mine, theirs = mine.cast(pl.Float64), theirs.cast(pl.Float64).fill_nan(None)
            far = (mine - theirs).abs() > TOLERANCE * pl.select(pl.max_horizontal(mine.abs(), pl.lit(1.0))).to_series()
            wrong = (mine.is_null() != theirs.is_null()) | far.fill_null(value=False)
        assert not wrong.any(), (name, feature, mine.filter(wrong).head(3), theirs.filter(wrong).head(3))


def tell_rivals(found: dict[str, Any]) -> None:
    duck = found["costs"]["DuckDB SQL"]
    print(f"\n{found['features']} of the features, the same answers from all{'':<6}CPU s   x DuckDB   wall s")
    for name, (cpu, wall) in found["costs"].items():
        print(f"{name:<48}{cpu:>10.2f}{cpu / duck[0]:>10.2f}{wall:>10.2f}")


STAGES: dict[str, Callable[[argparse.Namespace], None]] = {"train": train, "day": day, "rivals": rivals}

if __name__ == "__main__":
    main()
