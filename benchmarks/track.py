"""Tracking and analysis of an experiment whose customers were enrolled over 30 days, on PostgreSQL.

    python -m benchmarks.track --customers 1000000 --events 10000000

Every customer of the made-up shop is in, a tenth in the control group; a third of the others are treated. First the
outcomes of all are written, then tracked again with nothing changed, then after late purchases of one in a thousand;
then all is analysed. Each part runs in a process of its own, whose peak memory is its largest resident set.
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.shop import AS_OF, Shop, database, fill

DAYS = 30
FIRST = AS_OF - dt.timedelta(days=DAYS + 7)
ASSIGN = """
INSERT INTO experiments_assignment (experiment_id, customer_id, arm_id, u, enrolled_on, enrolled_at, probability,
    risk_level, customer_type, model_id, monthly_value, stratum, layer, is_current)
SELECT %(experiment)s, id, CASE WHEN id %% 10 = 0 THEN %(control)s ELSE %(other)s END, (id %% 1000) / 1000.0,
    %(first)s::date + (id %% %(days)s)::int, now(), 0.7 + (id %% 300) / 1000.0, 'critical', customer_type, %(model)s,
    (id %% 977)::numeric, '', 'retention', TRUE
FROM customers_customer
"""
TREAT = """
INSERT INTO customers_intervention (intervention_id, customer_id, kind, channel, occurred_at, cost, note, recorded_at)
SELECT 'V' || id, id, 'coupon', '', (%(first)s::date + (id %% %(days)s)::int)::timestamp + interval '30 hours', 2.5, '',
    now()
FROM customers_customer WHERE id %% 10 IN (1, 2, 3)
"""
LATE = """
INSERT INTO customers_transaction (id, transaction_id, customer_id, occurred_at, amount, product_category,
    payment_method, status)
SELECT 1000000000 + id, 'L' || id, id, (%(first)s::date + (id %% %(days)s)::int)::timestamp + interval '80 hours', 9.99,
    '', '', 'completed'
FROM customers_customer WHERE id %% 1000 = 7
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        STAGES[options.stage]()
        return
    shop = Shop(n_customers=options.customers, n_events=options.events)
    with database("shanjiaxia_benchmark_track") as url, tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder, "DEBUG": "1", "REDIS_URL": ""}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        fill(url=url, shop=shop)
        enter(url, stage("begin", environment))
        print(f"{shop.n_customers:,} assignments, {shop.n_events:,} events")
        tell("first", stage("track", environment))
        tell("again", stage("track", environment))
        execute(url, LATE, {"first": FIRST, "days": DAYS})
        tell("with late events", stage("track", environment))
        tell("analysis", stage("analyse", environment))


def enter(url: str, keys: dict[str, Any]) -> None:
    """Assign everybody, and treat a third of the arm."""
    dates = {"first": FIRST, "days": DAYS}
    execute(url, ASSIGN, keys | dates)
    execute(url, TREAT, dates)
    execute(url, "ANALYZE", None)


def execute(url: str, statement: str, values: dict[str, Any] | None) -> None:
    with psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement, values)


def stage(name: str, environment: dict[str, str]) -> dict[str, Any]:
    """Run a stage in a process of its own; what it printed last."""
    command = [sys.executable, "-m", "benchmarks.track", "--stage", name]
    out = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def tell(name: str, found: dict[str, Any]) -> None:
    print(
        f"{name:<18}{found['seconds']:>8.1f} s, CPU {found['cpu']:>6.1f} s, peak {found['peak']:,.0f} MiB, of which "
        f"{found['before']:,.0f} before the first row; {found['told']}",
        flush=True,
    )


def begin() -> None:
    set_up()
    from decimal import Decimal

    from experiments import states
    from experiments.models import Arm, Experiment
    from predictions.models import ModelVersion

    experiment = Experiment.objects.create(name="Benchmark", starts_on=FIRST, ends_on=AS_OF)
    control = Arm.objects.create(
        experiment=experiment, position=0, name="control", is_control=True, share=Decimal("0.1")
    )
    other = Arm.objects.create(experiment=experiment, position=1, name="coupon", share=Decimal("0.9"))
    states.start(experiment, user=None, on=FIRST)
    model = ModelVersion.objects.create(
        version="benchmark", kind="rule", as_of=FIRST, horizon_days=7, catalogue_version="", code_version=""
    )
    keys = {"experiment": experiment.pk, "control": control.pk, "other": other.pk, "model": model.pk}
    print(json.dumps(keys))


def track() -> None:
    set_up()
    from experiments.outcomes import track

    measure(lambda experiment: str(track(experiment, as_of=AS_OF)))


def analyse() -> None:
    set_up()
    from experiments.analysis import analyse

    measure(lambda experiment: analyse(experiment, as_of=AS_OF).sentence_en)


def measure(work: Any) -> None:
    from experiments.models import Experiment

    experiment = Experiment.objects.get()
    before, started, cpu = peak_mib(), time.perf_counter(), time.process_time()
    told = work(experiment)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak_mib(), "before": before, "told": told}))


def set_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churnsite.settings")
    django.setup()


def peak_mib() -> float:
    """Of this program alone: what `resource` gives begins with the largest of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


STAGES = {"begin": begin, "track": track, "analyse": analyse}

if __name__ == "__main__":
    main()
