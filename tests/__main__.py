"""Runs the tests on SQLite, and those that meet a database again on PostgreSQL with Redis where they are there.

Without those servers the second run is left out, which is said; under CI=true it is an error. Further arguments go
to pytest, as in `python -m tests -k ingest`.
"""

import os
import subprocess
import sys

import psycopg
import redis

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/13")


def main() -> int:
    base = os.environ | {"ENV_FILE": os.devnull, "DEBUG": "1", "BUSINESS_DATE": "", "TIME_ZONE": "Asia/Shanghai"}
    print("== SQLite, everything in process", flush=True)
    if code := pytest(base | {"DATABASE_URL": "", "REDIS_URL": ""}, "not postgres and not redis"):
        return code
    if missing := missing_services():
        print(f"== Not run: the tests on PostgreSQL and Redis. {missing}", flush=True)
        return 1 if os.environ.get("CI") == "true" else 0
    print("== PostgreSQL and Redis", flush=True)
    services = {"DATABASE_URL": POSTGRES, "REDIS_URL": REDIS, "PGOPTIONS": "-c synchronous_commit=off"}
    return pytest(base | services, "not browser", "--with-services")


def pytest(environment: dict[str, str], marks: str, *options: str) -> int:
    workers = [] if {"-n", "-x", "--pdb"} & set(sys.argv) else ["-n", str(min(os.cpu_count() or 1, 4))]
    command = [sys.executable, "-m", "pytest", "-m", marks, *options, *workers, *sys.argv[1:]]
    return subprocess.run(command, env=environment, check=False).returncode


def missing_services() -> str:
    try:
        psycopg.connect(POSTGRES.replace("postgres://", "postgresql://"), connect_timeout=3).close()
    except psycopg.Error:
        return "No PostgreSQL answers; name one in TEST_DATABASE_URL."
    try:
        redis.Redis.from_url(REDIS, socket_timeout=3, socket_connect_timeout=3).ping()
    except redis.RedisError:
        return "No Redis answers; name one in TEST_REDIS_URL."
    return ""


if __name__ == "__main__":
    sys.exit(main())
