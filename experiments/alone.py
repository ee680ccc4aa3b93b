"""One process at a time tracks, analyses or finalises an experiment; others wait for their turn."""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from experiments.models import Experiment

__all__ = ["alone"]

LOCK = zlib.crc32(b"experiments.alone") - 2**31  # the first of a pair of signed 32-bit numbers


@contextmanager
def alone(experiment: Experiment) -> Iterator[None]:
    """By a lock in the database among machines, by one on a file where the database has none such."""
    if connection.vendor != "postgresql":
        with _file(experiment):
            yield
        return
    key = [LOCK, experiment.pk]
    if connection.in_atomic_block:
        _ask("SELECT pg_advisory_xact_lock(%s, %s)", key)
        yield
        return
    _ask("SELECT pg_advisory_lock(%s, %s)", key)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s, %s)", key)


def _ask(query: str, key: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, key)


@contextmanager
def _file(experiment: Experiment) -> Iterator[None]:
    folder = Path(settings.DATA_DIR) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"experiment-{experiment.pk}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
