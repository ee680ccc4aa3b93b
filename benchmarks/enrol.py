"""How fast customers are enrolled and listed, and in how much memory: `python -m benchmarks.enrol [--customers N ...]`.

Needs PostgreSQL (DATABASE_URL names a server on which databases may be made). Each size runs in a process of its own
against a database that is made for it and dropped after; the scores are seeded. In the same run a sample of customers
is enrolled a row at a time by the ORM, in one transaction, and extrapolated to the same number.
"""

import argparse
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.shop import database

DAY = dt.date(2026, 3, 2)
SAMPLE = 2_000
TYPES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    for n_customers in options.customers:
        with database(f"benchmark_enrol_{os.getpid()}") as url, tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"DATABASE_URL": url, "DEBUG": "0", "SECRET_KEY": "x", "DATA_DIR": folder}
            environment |= {"DJANGO_SETTINGS_MODULE": "churnsite.settings"}
            command = [sys.executable, "-m", "benchmarks.enrol", "--child", str(n_customers)]
            subprocess.run(command, env=environment, check=True)


def child(n_customers: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from experiments import enrolment, lists

    call_command("migrate", verbosity=0)
    fill(n_customers)
    print(f"{n_customers:,} eligible customers", flush=True)
    sample = a_row_at_a_time()
    for title, options in (("hash", {}), ("stratified", {"is_stratified": True})):
        experiment = start(layer=title, **options)
        done = measure(title, lambda one=experiment: enrolment.enrol(one, as_of=DAY), n_customers, sample)
        assert done.n_new == n_customers
        done = measure("again", lambda one=experiment: enrolment.enrol(one, as_of=DAY))
        assert done.n_new == 0
        made = measure("list", lambda one=experiment: lists.make(one, on=DAY), n_customers)
        assert made.n_new == n_customers
        release(experiment)


def measure(title: str, work, n_customers: int = 0, sample: float = 0):
    """Do it and print how long it took; `sample` is what a customer takes a row at a time."""
    before, seconds, cpu, server = peak(), time.perf_counter(), time.process_time(), server_cpu()
    result = work()
    seconds, cpu, server = time.perf_counter() - seconds, time.process_time() - cpu, server_cpu() - server
    told = f"  {title:<11} {seconds:6.1f} s (CPU {cpu:.1f} s, of PostgreSQL {server:.1f} s)"
    told += f"  peak {peak():,.0f} MiB (before {before:,.0f})"
    if n_customers:
        told += f"  {n_customers / seconds:,.0f} customers/s"
    if sample:
        told += f"  a row at a time {sample * n_customers:,.0f} s: {sample * n_customers / seconds:.0f} ×"
    print(told, flush=True)
    return result


def fill(n_customers: int) -> None:
    """Customers with a score each, made in the database."""
    from django.db import connection

    from customers.models import Customer
    from predictions.models import ModelVersion

    facts = {"kind": "rule", "as_of": DAY, "horizon_days": 7, "catalogue_version": "1", "code_version": "1"}
    model = ModelVersion.objects.create(version="m1", **facts)
    one = Customer.objects.create(customer_id="template", registered_on=dt.date(2025, 1, 1))
    own = {"id", "customer_id", "customer_type"}
    shared = ", ".join(field.column for field in Customer._meta.fields if field.column not in own)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO customers_customer (customer_id, customer_type, {shared}) "
            f"SELECT 'C' || n, 'type ' || n %% %s, {shared} FROM customers_customer, generate_series(1, %s) n",
            [TYPES, n_customers],
        )
        one.delete()
        cursor.execute(
            "INSERT INTO predictions_prediction (customer_id, as_of, model_id, probability, risk_level, "
            "lifecycle_stage) SELECT id, %s, %s, 0.7 + (hashtext(customer_id) & 1023) / 4096.0, 'critical', 'active' "
            "FROM customers_customer",
            [DAY, model.pk],
        )
        cursor.execute("ANALYZE")


def start(**options):
    from decimal import Decimal

    from experiments import states
    from experiments.models import Arm, Experiment

    name = f"{options}"[:100]
    experiment = Experiment.objects.create(name=name, starts_on=DAY, ends_on=DAY, **options)
    for position, share in enumerate(("0.10", "0.45", "0.45")):
        arm = {"position": position, "name": f"arm {position}", "is_control": position == 0, "share": Decimal(share)}
        Arm.objects.create(experiment=experiment, **arm)
    states.start(experiment, user=None, on=DAY)
    return experiment


def a_row_at_a_time() -> float:
    """Seconds a customer when each is looked up and written by itself; nothing of it stays."""
    from django.db import transaction

    from customers.models import Hold
    from experiments.assignment import arm_at, draw
    from experiments.eligibility import eligible
    from experiments.models import Assignment

    experiment = start(layer="sample")
    arms = list(experiment.arms.all())
    shares = [arm.share for arm in arms]
    started = time.perf_counter()
    with transaction.atomic():
        for row in eligible(experiment, as_of=DAY).select_related("customer")[:SAMPLE]:
            u = draw(experiment.salt, row.customer.customer_id)
            arm = arms[arm_at(u, shares)]
            facts = {"probability": row.probability, "risk_level": row.risk_level, "model_id": row.model_id}
            facts |= {"customer_type": row.customer.customer_type, "layer": "sample", "enrolled_on": DAY}
            Assignment.objects.get_or_create(
                experiment=experiment, customer=row.customer, defaults={**facts, "arm": arm, "u": u}
            )
            if arm.is_control:
                Hold.objects.create(customer=row.customer, kind="control", source=experiment.source, since=DAY)
        seconds = (time.perf_counter() - started) / SAMPLE
        transaction.set_rollback(True)
    return seconds


def release(experiment) -> None:
    """Let the next experiment have everybody."""
    from customers.models import Hold

    Hold.objects.filter(source=experiment.source)._raw_delete("default")


def server_cpu() -> float:
    """Seconds of CPU of this connection's server process; 0 where it is on another machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not path.exists():
        return 0.0
    ticks = path.read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
