"""Turns: one at a time for a name and number, others at the same time; kept to the end of a transaction."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from customers.alone import alone, key, take_turn

WORK = "tests.work"


@contextmanager
def another(work):
    """Work in a thread with a connection of its own; gives the thread and what it set when it was done."""
    done = threading.Event()

    def run() -> None:
        try:
            work()
            done.set()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield done
    thread.join()
    assert done.is_set()


def turn(number: int = 0):
    def taken() -> None:
        with alone(WORK, number):
            pass

    return taken


@pytest.fixture
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.django_db(transaction=True)
def test_work_of_a_name_waits_for_that_which_is_under_way(data_dir):
    with alone(WORK):
        waiting = threading.Thread(target=turn())
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join()


@pytest.mark.django_db(transaction=True)
def test_work_on_another_row_goes_on_meanwhile(data_dir):
    with alone(WORK, 1), another(turn(2)) as done:
        assert done.wait(30)


@pytest.mark.django_db(transaction=True)
def test_a_turn_is_given_back_when_the_work_fails(data_dir):
    with pytest.raises(ValueError, match="broke"), alone(WORK):
        raise ValueError("broke")
    with another(turn()) as done:
        assert done.wait(30)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_a_turn_lasts_to_its_end():
    with transaction.atomic():
        with alone(WORK):
            pass
        assert locks() == 1
        take_turn(WORK, 5)
        assert locks() == 2
    assert locks() == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_outside_of_one_nothing_is_left():
    with alone(WORK):
        assert locks() == 1
    assert locks() == 0


def locks() -> int:
    with connection.cursor() as cursor:
        facts = [key(WORK) % 2**32]
        own = "locktype = 'advisory' AND classid = %s AND pid = pg_backend_pid()"
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE {own}", facts)
        return cursor.fetchone()[0]


def test_the_key_of_a_name_is_a_signed_number_of_32_bits():
    for name in ("", WORK, "experiments.enrolment", "healthscore.alerts", "customers.archive"):
        assert -(2**31) <= key(name) < 2**31
