"""The command import_data."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from customers.management.commands.import_data import Command
from customers.models import Customer
from tests.customers.ingest.files import TRANSACTIONS, csv_file

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    code = 0
    try:
        call_command("import_data", *map(str, arguments))
    except SystemExit as stopped:
        code = stopped.code
    return code, capsys.readouterr()


def shop(folder):
    csv_file(folder, "customer_id,registered_on", "A,2020-01-01", name="customers.csv")
    csv_file(folder, TRANSACTIONS, "1,A,2020-01-01,5", "2,Z,2020-01-01,5", name="transactions.csv")
    return folder


def test_a_folder_goes_in_with_customers_first(tmp_path, capsys):
    code, said = run(capsys, shop(tmp_path), "--json")
    first, second = json.loads(said.out)["files"]
    assert code == 0
    assert first == {
        "name": "customers.csv", "kind": "customers", "read": 1, "added": 1, "updated": 0, "unchanged": 0,
        "set_aside": 0, "errors": [],
    }  # fmt: skip
    assert (second["added"], second["set_aside"]) == (1, 1)
    assert {"line", "column", "message"} == set(second["errors"][0])


def test_a_refused_file_leaves_the_others_in_and_the_code_is_1(tmp_path, capsys):
    shop(tmp_path)
    csv_file(tmp_path, "foo,bar", "1,2", name="links.csv")
    code, said = run(capsys, tmp_path)
    assert code == 1
    assert "links.csv has no header" in said.err
    assert Customer.objects.count() == 1


def test_a_dry_run_of_a_folder_counts_as_the_run_and_writes_nothing(tmp_path, capsys):
    _code, dry = run(capsys, shop(tmp_path), "--dry-run", "--json")
    assert not Customer.objects.exists()
    _code, real = run(capsys, tmp_path, "--json")
    assert json.loads(dry.out) == json.loads(real.out)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/no/such"], "There is no folder /no/such."),
        (["--links", "/no/such.csv"], "There is no file /no/such.csv."),
        (["{}"], "has none of the files"),
        (["{}", "--links", "{}/l.csv", "--profile", "nobody"], "There is no import profile nobody."),
    ],
)
def test_what_is_not_there_is_one_sentence(tmp_path, arguments, sentence):
    csv_file(tmp_path, "a", name="l.csv")
    with pytest.raises(CommandError, match=sentence):
        call_command("import_data", *(argument.format(tmp_path) for argument in arguments))


def test_naming_nothing_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as exit_:
        Command().run_from_argv(["manage.py", "import_data"])
    assert exit_.value.code == 2
    assert capsys.readouterr().err.strip() == "Name a folder or a file to import; see --help."
