"""How many requests the API answers, and how quickly, beside two rivals that do the same work; on PostgreSQL.

    python -m benchmarks.serve --customers 100000 --seconds 10 --minutes 10

In one run, in a database of its own (`benchmark_serve`, dropped at the end unless --keep): the latest prediction of a
customer from our server, from a plain REST framework view with ModelSerializer and TokenAuthentication, and from
FastAPI with SQLAlchemy, each under granian with a process a core. Ratios hold on a machine where others work; figures
do not.

- closed loop: wrk with 64 connections, each sending its next request when it has its answer;
- offered rate: wrk with 1,000 clients that think 0.9 s on average between answer and request, about 1,100 requests/s.
  Times are from sending to answer; a client that waits sends later, so that with latencies near the thinking time the
  rate would fall and the times look better than they are (coordinated omission): the rate that was reached is printed;
- pages of 50, lookups of 1,000, bulk rows; and CPU time by layer, in this process.
"""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from benchmarks.admin_pages import on_server
from benchmarks.load import Told, cpu, watched, wrk
from benchmarks.serve_rows import KEY, TOKEN
from benchmarks.shop import AS_OF, SERVER
from benchmarks.track import set_up

NAME, PORT, CLIENTS, CONNECTIONS = "benchmark_serve", 8765, 1_000, 64
URL = f"http://127.0.0.1:{PORT}"
LUA = """
local n = %(n)d
math.randomseed(%(seed)d)
wrk.headers["Authorization"] = "%(authorization)s"
function request()
  return wrk.format("GET", string.format("/api/v1/customers/C%%09d/prediction/", math.random(0, n - 1)))
end
function done(summary, latency, requests)
  io.write(string.format("P95 %%.0f us\\n", latency:percentile(95)))
end
%(more)s
"""
DELAY = "function delay() return math.random(0, 1800) end"


@dataclass(frozen=True)
class Server:
    name: str
    target: str
    interface: str
    authorization: str


OURS = Server("ours", "churnsite.wsgi:application", "wsgi", f"Api-Key {KEY}")
PLAIN = Server("plain REST framework", "benchmarks.serve_plain_wsgi:application", "wsgi", f"Token {TOKEN}")
FAST = Server("FastAPI, SQLAlchemy", "benchmarks.serve_fast:app", "asgi", f"Api-Key {KEY}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=10, help="of each closed loop")
    parser.add_argument("--minutes", type=float, default=0.25, help="of the offered rate")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", action="store_true", help="leave the database for another time")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed, which makes the requests.")
    with tempfile.TemporaryDirectory() as folder:
        url = urlunsplit(urlsplit(SERVER)._replace(path=f"/{NAME}"))
        os.environ |= {
            "DATABASE_URL": url,
            "DATA_DIR": folder,
            "DEBUG": "0",
            "REDIS_URL": "",
            "BUSINESS_DATE": str(AS_OF),
        }
        os.environ |= {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "127.0.0.1,testserver", "HTTPS_ONLY": "0"}
        os.environ |= {"API_REQUESTS_PER_MINUTE": "1000000000", "LOG_LEVEL": "ERROR"}
        make(url, options.customers)
        measure(options, Path(folder))
    if not options.keep:
        on_server(f'DROP DATABASE "{NAME}" WITH (FORCE)')


def make(url: str, n: int) -> None:
    if on_server("SELECT 1 FROM pg_database WHERE datname = %s", NAME):
        return
    on_server(f'CREATE DATABASE "{NAME}"')
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "benchmarks.serve_plain"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    subprocess.run([sys.executable, "-m", "benchmarks.serve_rows", str(n)], env=environment, check=True)


def measure(options: argparse.Namespace, folder: Path) -> None:
    print(f"{options.customers:,} customers, {options.workers} processes, load {os.getloadavg()[0]:.1f}", flush=True)
    loops: dict[str, Told] = {}
    pages: dict[str, float] = {}
    for server in (OURS, PLAIN, FAST):
        with serving(server, options.workers) as pid:
            script = lua(folder, server, options.customers)
            wrk(URL, script, CONNECTIONS, 2, pid)
            loops[server.name] = wrk(URL, script, CONNECTIONS, options.seconds, pid)
            print(f"closed loop, {CONNECTIONS} connections: {server.name:<22}{loops[server.name]}", flush=True)
            pages[server.name] = page_of_50(server, pid)
            print(f"page of 50: {server.name:<22}{pages[server.name]:8,.0f} us of CPU", flush=True)
            if server is OURS:
                offered(options, folder, pid)
                lookups(options)
                bulk()
    ours = loops[OURS.name]
    for rival in (PLAIN, FAST):
        print(
            f"against {rival.name}: {ours.rate / loops[rival.name].rate:.2f} x the requests, "
            f"{loops[rival.name].cpu / ours.cpu:.2f} x less CPU; "
            f"page {pages[rival.name] / pages[OURS.name]:.2f} x less CPU"
        )
    layers()


def page_of_50(server: Server, pid: int) -> float:
    return cpu_a_call(lambda: get(server, "/api/v1/predictions/"), pid, 200)


def offered(options: argparse.Namespace, folder: Path, pid: int) -> None:
    script = lua(folder, OURS, options.customers, DELAY)
    seconds = int(options.minutes * 60)
    with watched(pid, every=max(seconds / 10, 1)) as sizes:
        told = wrk(URL, script, CLIENTS, seconds, pid)
    print(f"offered rate, {CLIENTS:,} clients: {told}", flush=True)
    print(f"  RSS in MiB, by tenths of the time: {', '.join(f'{size:,.0f}' for size in sizes)}", flush=True)


def lookups(options: argparse.Namespace) -> None:
    ids = [f"C{i * 97 % options.customers:09}" for i in range(1_000)]
    seconds = []
    for _ in range(20):
        begun = time.perf_counter()
        post("/api/v1/predictions/lookup/", {"customer_ids": ids})
        seconds.append(time.perf_counter() - begun)
    print(f"lookup of 1,000: {sorted(seconds)[10] * 1000:.0f} ms", flush=True)


def bulk() -> None:
    """From one caller, of which the middle call counts; and from two at once, by the time of all their calls."""
    for size in (1_000, 5_000):
        for number in range(4):  # each process has its first calls behind it
            bulk_once(size, number)
        seconds = [bulk_once(size, number) for number in range(15)]
        middle = sorted(seconds)[len(seconds) // 2]
        n_calls = 40_000 // size
        with ThreadPoolExecutor(2) as callers:
            begun = time.perf_counter()
            list(callers.map(partial(bulk_once, size), range(n_calls)))
            together = time.perf_counter() - begun
        print(
            f"bulk of {size:,} new transactions: {size / middle:,.0f} rows/s (best {size / min(seconds):,.0f}), "
            f"from two callers {n_calls * size / together:,.0f}",
            flush=True,
        )


def bulk_once(size: int, number: int) -> float:
    mark = f"{time.time_ns()}-{number}"
    rows = [
        {
            "transaction_id": f"B{mark}-{i}",
            "customer_id": f"C{i * 31 % 20_000:09}",
            "occurred_at": "2025-12-31T10:00:00+08:00",
            "amount": 12.5,
            "product_category": "food",
            "payment_method": "card",
        }
        for i in range(size)
    ]
    body = json.dumps({"rows": rows}).encode()
    begun = time.perf_counter()
    told = json.loads(sent("POST", "/api/v1/transactions/bulk/", OURS, body))
    taken = time.perf_counter() - begun
    assert told["added"] == size, told
    return taken


def layers() -> None:
    """CPU time of one request by layer, each with all below it."""
    set_up()
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import RequestFactory

    from churnsite.wsgi import ApiHandler
    from customers.statements import fetched
    from predictions import latest

    settings.ALLOWED_HOSTS = ["testserver"]
    sight = latest.Sight(on=AS_OF, besides=frozenset(one.name for one in latest.besides()))
    path = "/api/v1/customers/C000000007/prediction/"

    def asked(handler: Any) -> Callable[[], Any]:
        factory = RequestFactory()
        return lambda: handler(factory.get(path, HTTP_AUTHORIZATION=f"Api-Key {KEY}").environ, lambda *_: None)

    tried: dict[str, Callable[[], Any]] = {
        "SELECT 1": lambda: fetched("SELECT 1", []),
        "the statement, told": lambda: latest.latest_of(["C000000007"], sight=sight),
        "the endpoint, short chain": asked(ApiHandler()),
        "the endpoint, chain of pages": asked(WSGIHandler()),
    }
    for name, call in tried.items():
        for _ in range(50):
            call()
        begun = time.process_time()
        for _ in range(500):
            call()
        print(f"CPU {name:<32}{(time.process_time() - begun) / 500 * 1e6:8,.0f} us")


@contextmanager
def serving(server: Server, workers: int) -> Iterator[int]:
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        server.interface,
        "--port",
        str(PORT),
        "--workers",
        str(workers),
    ]
    command += ["--backlog", "2048", "--no-access-log", "--log-level", "error"]
    command += ["--blocking-threads", "1"] if server.interface == "wsgi" else []
    process = subprocess.Popen([*command, server.target], env=os.environ)
    try:
        ready(server, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        if process.poll() is not None:
            raise SystemExit(f"{server.name} does not start.")
        try:
            get(server, "/api/v1/customers/C000000001/prediction/")
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit(f"{server.name} does not answer.")


def lua(folder: Path, server: Server, n: int, more: str = "") -> Path:
    script = folder / f"{server.target.split(':')[0]}{len(more)}.lua"
    script.write_text(LUA % {"n": n, "seed": 26, "authorization": server.authorization, "more": more})
    return script


def get(server: Server, path: str) -> bytes:
    return sent("GET", path, server)


def post(path: str, body: Any) -> bytes:
    return sent("POST", path, OURS, json.dumps(body).encode())


def sent(method: str, path: str, server: Server, body: bytes | None = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    try:
        connection.request(
            method, path, body, {"Authorization": server.authorization, "Content-Type": "application/json"}
        )
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    assert response.status == 200, (path, response.status, text[:500])
    return text


def cpu_a_call(call: Callable[[], Any], pid: int, n: int) -> float:
    """CPU microseconds of the server."""
    for _ in range(20):
        call()
    before = cpu(pid)
    for _ in range(n):
        call()
    return (cpu(pid) - before) / n * 1e6


if __name__ == "__main__":
    main()
