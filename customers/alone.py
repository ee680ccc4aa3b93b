"""One process at a time does a piece of work of a name; the others wait for their turn.

PostgreSQL keeps the turns among machines, by advisory locks. Where the database has none such, a lock on a file below
DATA_DIR keeps them among the processes of the one machine.
"""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

__all__ = ["alone", "key", "take_turn"]


@contextmanager
def alone(name: str, number: int = 0) -> Iterator[None]:
    """A turn for the block; within a transaction PostgreSQL keeps it to the transaction's end.

    `number` tells apart rows that may be worked on at the same time. Not to be nested with itself.
    """
    if connection.vendor != "postgresql":
        with _file(name, number):
            yield
        return
    if connection.in_atomic_block:
        take_turn(name, number)
        yield
        return
    _ask("SELECT pg_advisory_lock(%s, %s)", name, number)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s, %s)", name, number)


def take_turn(name: str, number: int = 0) -> None:
    """A turn from here to the end of the caller's transaction; SQLite has one writer and needs none."""
    if connection.vendor == "postgresql":
        _ask("SELECT pg_advisory_xact_lock(%s, %s)", name, number)


def key(name: str) -> int:
    """The name as the first of the pair of signed 32-bit numbers that PostgreSQL locks by."""
    return zlib.crc32(name.encode()) - 2**31


def _ask(query: str, name: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, [key(name), number])


@contextmanager
def _file(name: str, number: int) -> Iterator[None]:
    folder = Path(settings.DATA_DIR) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}-{number}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
