"""The health score on PostgreSQL, against DuckDB for some of its parts and a loop of queries a customer.

    python -m benchmarks.health --customers 100000 --activity 10000000
    python -m benchmarks.health --customers 1000 --activity 700000 --days 365

The made-up accounts are seeded in SQL: 3 deals and 6 tickets a customer, activity over half a year, and over the days
of the backfill where --days is given. A stage runs in a process of its own, whose peak memory is its largest resident
set; PostgreSQL's CPU is not in its own.
"""

import argparse
import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from typing import Any

import psycopg

from benchmarks.shop import database

AS_OF = dt.date(2024, 6, 30)
HALF_A_YEAR = 180
LOOPED = 100
CUSTOMERS = """
INSERT INTO customers_customer (id, customer_id, registered_on, name, customer_type, region, age_group, gender,
    account_status, registration_channel, referred_by, industry, company_size, contract_date, contract_length_months,
    payment_status, nps_score, onboarding_completed, created_at, updated_at)
SELECT n, 'K' || n, %(as_of)s::date - 800 + (n %% 300)::int, 'Company ' || n,
    (ARRAY['enterprise', 'mid_market', 'startup', ''])[1 + n %% 4], '', '', '', '', '', '', '', '',
    %(as_of)s::date - (n %% 700)::int, 12 * (1 + n %% 3),
    (ARRAY['current', 'current', 'late', 'overdue', ''])[1 + n %% 5], (n * 37 %% 201)::int - 100,
    n %% 3 <> 0, now(), now()
FROM generate_series(1, %(customers)s::bigint) AS n
"""
DEALS = """
INSERT INTO customers_deal (deal_id, customer_id, deal_date, deal_amount, deal_stage, account_manager, product_type,
    contract_length, renewal_date)
SELECT 'D' || n, 1 + n %% %(customers)s, %(as_of)s::date - (n * 61 %% 700)::int, n * 7919 %% 90000,
    (ARRAY['won', 'renewed', 'won', 'lost', 'open'])[1 + n %% 5], 'M' || n %% 20, '', 12,
    %(as_of)s::date - (n * 61 %% 700)::int + 365
FROM generate_series(1, 3 * %(customers)s::bigint) AS n
"""
TICKETS = """
INSERT INTO customers_ticket (ticket_id, customer_id, created_date, resolved_date, priority, category,
    satisfaction_score, agent_id)
SELECT 'T' || n, 1 + n %% %(customers)s, made,
    CASE WHEN n %% 7 <> 0 THEN made + (n * 13 %% 200) * interval '1 hour' END,
    (ARRAY['urgent', 'high', 'medium', 'low', ''])[1 + n %% 5], '', CASE WHEN n %% 2 = 0 THEN 1 + n %% 5 END, ''
FROM generate_series(1, 6 * %(customers)s::bigint) AS n,
    LATERAL (SELECT %(as_of)s::timestamp - (n * 7 %% 4000) * interval '1 hour' AS made) AS created
"""
ACTIVITY = """
INSERT INTO customers_activity (row_key, customer_id, date, activity_type, session_duration, feature_name, usage_depth)
SELECT 'A' || n, 1 + (random() ^ 2 * (%(customers)s - 1))::bigint,
    %(as_of)s::timestamp - random() * %(days)s * interval '1 day',
    (ARRAY['login', 'feature_use', 'export'])[1 + n %% 3], (random() * 60)::int, 'feature ' || n %% 12,
    round(random()::numeric, 3)
FROM generate_series(1, %(activity)s) AS n
"""
USAGE = """
SELECT customer_id, least(1, count(DISTINCT day) FILTER (activity_type = 'login') / 20) AS logins,
    avg(usage_depth) AS depth, least(1, count(*) / 40) AS sessions, least(1, sum(session_duration) / 600) AS minutes
FROM activity WHERE day >= DATE '{since}' AND day < DATE '{as_of}' GROUP BY customer_id
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--activity", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=1, help="how many days to score, up to the last")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        STAGES[options.stage](options)
        return
    with database("shanjiaxia_benchmark_health") as url, tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": folder, "DEBUG": "1", "REDIS_URL": ""}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        fill(url, options)
        print(f"{options.customers:,} customers, {options.activity:,} rows of activity, {options.days} days")
        names = ["score", "again", *(["parts", "duckdb", "loop"] if options.days == 1 else [])]
        for name in names:
            tell(name, stage(name, environment, options))


def fill(url: str, options: argparse.Namespace) -> None:
    given = {
        "customers": options.customers,
        "activity": options.activity,
        "as_of": AS_OF,
        "days": options.days + HALF_A_YEAR,
    }
    with psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SELECT setseed(0.5)")
        for statement in (CUSTOMERS, DEALS, TICKETS, ACTIVITY):
            connection.execute(statement, {name: given[name] for name in given if f"%({name})s" in statement})
        connection.execute("ANALYZE")


def stage(name: str, environment: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """Run a stage in a process of its own; what it printed last."""
    command = [sys.executable, "-m", "benchmarks.health", "--stage", name, "--days", str(options.days)]
    out = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def tell(name: str, found: dict[str, Any]) -> None:
    print(
        f"{name:<8}{found['seconds']:>8.1f} s, CPU {found['cpu']:>6.1f} s, peak {found['peak']:,.0f} MiB, of which "
        f"{found['before']:,.0f} before the first row; {found['told']}",
        flush=True,
    )


def score(options: argparse.Namespace) -> None:
    set_up()
    from healthscore import scoring

    since = AS_OF - dt.timedelta(days=options.days - 1)

    def work() -> str:
        summary = scoring.score(as_of=AS_OF, since=since)
        return f"{summary.scored:,} scored, {summary.alerts:,} alerts"

    measure(work)


def parts(options: argparse.Namespace) -> None:
    """Usage and the first two parts of engagement, from frames that are read already, as the rivals compute them."""
    set_up()
    from healthscore.dimensions import engagement, usage
    from healthscore.dimensions.configuration import Configuration

    rows, numbers = _rows(), Configuration.of()
    measure(
        lambda: _counted(
            usage.facts(rows, numbers.numbers("usage")), engagement.facts(rows, numbers.numbers("engagement"))
        )
    )


def _counted(*frames: Any) -> str:
    return f"{frames[0].height:,} customers"


def _rows() -> Any:
    from healthscore import sources

    with sources.read(since=AS_OF - dt.timedelta(days=60), until=AS_OF, parts=1) as facts:
        return facts.part(0).rows(as_of=AS_OF, window=30)


def duckdb(options: argparse.Namespace) -> None:
    set_up()
    import duckdb as rival

    from healthscore import sources

    with sources.read(since=AS_OF - dt.timedelta(days=60), until=AS_OF, parts=1) as facts:
        frame = facts.part(0).activity.rename(
            {"customer_pk": "customer_id", "depth": "usage_depth", "minutes": "session_duration"}
        )
    connection = rival.connect()
    connection.execute("SET threads = 2")
    connection.register("frame", frame.to_arrow())
    connection.execute("CREATE TABLE activity AS SELECT * FROM frame")
    sql = USAGE.format(since=AS_OF - dt.timedelta(days=30), as_of=AS_OF)
    measure(lambda: f"{len(connection.execute(sql).fetchnumpy()['customer_id']):,} customers")


def loop(options: argparse.Namespace) -> None:
    """Three queries a customer and plain Python, for some; the seconds of all follow from their number."""
    set_up()
    from customers.clock import start_of
    from customers.models import Customer

    since = start_of(AS_OF - dt.timedelta(days=90))

    def work() -> str:
        for customer in Customer.objects.order_by("id")[:LOOPED]:
            rows = list(customer.activities.filter(date__gte=since).values_list("date", "activity_type", "usage_depth"))
            list(
                customer.tickets.filter(created_date__gte=since).values_list(
                    "created_date", "resolved_date", "priority"
                )
            )
            list(customer.deals.values_list("deal_date", "deal_amount", "contract_length", "renewal_date"))
            len({date.date() for date, kind, _depth in rows if kind == "login"})
        return f"of {LOOPED} customers only"

    measure(work)


def measure(work: Any) -> None:
    before, started, cpu = peak_mib(), time.perf_counter(), time.process_time()
    told = work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak_mib(), "before": before, "told": told}))


def set_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churnsite.settings")
    django.setup()


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


STAGES = {"score": score, "again": score, "parts": parts, "duckdb": duckdb, "loop": loop}

if __name__ == "__main__":
    main()
