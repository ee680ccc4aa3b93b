"""What every command does alike: exit codes, and one sentence for what went wrong."""

import pytest
from django.db import OperationalError

from customers.commands import Command, database_failure

SAID = 'duplicate key value violates unique constraint "customer_id"\nDETAIL:  Key (customer_id)=(Ann) already exists.'


class Broken(Command):
    def run(self, *, advance, **options):
        raise OperationalError(SAID)


def broken(capsys, *arguments):
    with pytest.raises(SystemExit) as exit_:
        Broken().run_from_argv(["manage.py", "broken", "--skip-checks", *arguments])
    return exit_.value.code, capsys.readouterr()


def test_a_database_that_fails_is_one_sentence_on_stderr(capsys):
    code, said = broken(capsys, "--json")
    assert (code, said.out) == (1, "")
    assert said.err == 'The database failed: duplicate key value violates unique constraint "customer_id"\n'


def test_the_whole_of_it_is_shown_to_who_asks():
    with pytest.raises(OperationalError):
        Broken().run_from_argv(["manage.py", "broken", "--skip-checks", "--traceback"])


def test_wrong_usage_is_2(capsys):
    code, _said = broken(capsys, "--nonsense")
    assert code == 2


def test_no_value_of_a_row_is_repeated():
    assert "Ann" not in database_failure(OperationalError(SAID))


class OfADay(Command):
    has_as_of = True

    def run(self, *, advance, as_of, **options):
        return {"as_of": as_of.isoformat()}


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31", "2017-02-30", "soon"])
def test_a_day_without_room_around_it_is_wrong_usage(capsys, day):
    with pytest.raises(SystemExit) as exit_:
        OfADay().run_from_argv(["manage.py", "of_a_day", "--skip-checks", "--as-of", day])
    assert exit_.value.code == 2
    assert "is not a date" in capsys.readouterr().err
