"""Purges in processes of their own: one that is killed outright, and two at once."""

import datetime as dt
import json
import os
import signal
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from customers.alone import alone
from customers.clock import start_of
from customers.models import Customer, Transaction

pytestmark = pytest.mark.django_db(transaction=True)
PROCESS = Path(__file__).with_name("purge_process.py")
DAYS = {
    "T1": dt.date(2017, 1, 5),
    "T2": dt.date(2017, 1, 6),
    "T3": dt.date(2017, 2, 5),
    "stays": dt.date(2017, 9, 29),
}
PLACES = {
    "checksum noted, file not in place": ("files", "_note", "after"),
    "file in place, its row not written": ("files", "record", "before"),
    "its row written, nothing deleted": ("files", "record", "after"),
    "one row deleted": ("purging", "_delete_chunk", "after"),
    "a month done, the next merged": ("files", "merge", "second"),
}


@pytest.fixture
def environment(data_dir):
    """Transactions, three of them past their retention, in a database that other processes can open."""
    customer = Customer.objects.create(customer_id="007", registered_on=dt.date(2016, 1, 1))
    for transaction_id, day in DAYS.items():
        Transaction.objects.create(
            transaction_id=transaction_id, customer=customer, occurred_at=start_of(day), amount=Decimal("12.34")
        )
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "churnsite.settings",
        "DATABASE_URL": shared_database(data_dir),
        "DATA_DIR": str(data_dir),
        "PYTHONPATH": str(settings.BASE_DIR),
    }


def shared_database(folder):
    """PostgreSQL's own, or a file with what SQLite has in memory."""
    given = connection.settings_dict
    if connection.vendor == "postgresql":
        return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    path = folder / "shared.sqlite3"
    with sqlite3.connect(path) as copy:
        connection.connection.backup(copy)
    return f"sqlite:///{path}"


def purge(environment, *place):
    return subprocess.Popen(
        [sys.executable, str(PROCESS), *place],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_killed_between_two_steps_nothing_is_lost_and_the_next_purge_doubles_nothing(environment, place):
    killed = purge(environment, *place)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    after = told(purge(environment))
    assert after["archived"] == ["T1", "T2", "T3"]
    assert after["stored"] == ["stays"]


def test_of_two_purges_at_once_the_second_waits_and_finds_nothing_left(environment, data_dir):
    with alone("customers.archive"):
        both = [purge(environment), purge(environment)]
        assert [process.stdout.readline() for process in both] == ["begins\n"] * 2
        assert [process.poll() for process in both] == [None, None]
        assert not list(data_dir.rglob("*.parquet"))
    results = [told(process) for process in both]
    assert sorted(result["moved"] for result in results) == [0, 3]
    assert [result["archived"] for result in results] == [["T1", "T2", "T3"]] * 2
