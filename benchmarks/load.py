"""What a server under load takes: the answers of wrk, and CPU and memory of the server's processes."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Told:
    """What wrk said: requests a second, milliseconds, and how many failed; CPU microseconds a request of the server."""

    rate: float
    p50: float
    p95: float
    p99: float
    errors: int
    cpu: float

    def __str__(self) -> str:
        return (
            f"{self.rate:8,.0f}/s  P50 {self.p50:6.1f} ms  P95 {self.p95:6.1f}  P99 {self.p99:6.1f}  "
            f"errors {self.errors}  CPU {self.cpu:5.0f} us a request"
        )


def wrk(url: str, script: Path, connections: int, seconds: int, pid: int) -> Told:
    before = cpu(pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", str(script)]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    requests = int(found(r"(\d+) requests in", said))
    errors = sum(int(one) for one in re.findall(r"(?:connect|read|write|timeout) (\d+)", said))
    errors += int(found(r"Non-2xx or 3xx responses: (\d+)", said) or 0)
    spent = (cpu(pid) - before) / max(requests, 1) * 1e6
    quantiles = percentiles(said)
    return Told(
        float(found(r"Requests/sec:\s+([\d.]+)", said)), quantiles[50], quantiles[95], quantiles[99], errors, spent
    )


def percentiles(said: str) -> dict[int, float]:
    """In milliseconds."""
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
    known = {
        int(share): float(number) * units[unit]
        for share, number, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s|m)\b", said)
    }
    return known | {95: float(found(r"P95 (\d+) us", said)) / 1000}


def found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    return match[1] if match else ""


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu(pid: int) -> float:
    """Seconds of the process and its children."""
    total = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def resident(pid: int) -> float:
    """MiB of the process and its children."""
    sizes = [found(r"VmRSS:\s+(\d+)", Path(f"/proc/{one}/status").read_text()) for one in family(pid)]
    return sum(int(size) for size in sizes if size) / 1024


@contextmanager
def watched(pid: int, *, every: float) -> Iterator[list[float]]:
    """The memory before, after each so many seconds, and after all."""
    sizes, is_over = [resident(pid)], threading.Event()

    def watch() -> None:
        while not is_over.wait(every):
            sizes.append(resident(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sizes
    finally:
        is_over.set()
        watcher.join()
        sizes.append(resident(pid))
