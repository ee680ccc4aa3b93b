"""`run_daily`: exit codes and what it prints."""

import json

import pytest
from django.core.management import call_command

from churnsite import daily
from tests.churnsite.jobs import Job


@pytest.fixture
def job(db, monkeypatch):
    monkeypatch.setattr(daily, "FIRST_WAIT_SECONDS", 0.0)
    job = Job().install(monkeypatch)
    monkeypatch.setattr("churnsite.management.commands.run_daily.step_named", lambda name: job.steps()[0])
    return job


def test_json_has_the_run_and_each_step(job, capsys):
    call_command("run_daily", "--as-of", "2017-09-30", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["as_of"], printed["state"], printed["error"]) == ("2017-09-30", "done", "")
    assert [step["name"] for step in printed["steps"]] == ["first", "middle", "last"]
    assert {"state", "rows", "seconds", "attempts", "error", "result"} < set(printed["steps"][0])


def test_a_failed_step_is_named_in_one_sentence_on_stderr_and_the_exit_code_is_1(job, capsys):
    job.failing["middle"] = [ValueError("the disk is full")]
    with pytest.raises(SystemExit) as exit_:
        call_command("run_daily", "--as-of", "2017-09-30", "--json")
    captured = capsys.readouterr()
    assert exit_.value.code == 1
    assert captured.err.strip() == "The daily job failed at the step middle: ValueError: the disk is full"
    assert "Traceback" not in captured.out + captured.err
    assert json.loads(captured.out)["steps"][1]["state"] == "failed"


def test_without_a_date_it_is_the_business_date(job, settings, capsys):
    import datetime as dt

    settings.BUSINESS_DATE = dt.date(2017, 10, 1)
    call_command("run_daily", "--json")
    assert json.loads(capsys.readouterr().out)["as_of"] == "2017-10-01"


def test_a_person_gets_a_table(job, capsys):
    call_command("run_daily", "--as-of", "2017-09-30")
    out = capsys.readouterr().out
    assert "Daily job of 2017-09-30" in out
    assert "done" in out
