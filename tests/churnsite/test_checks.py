"""System checks: what operators get wrong, each with its id."""

import datetime as dt

from django.core.checks import run_checks

from churnsite import checks

POSTGRES = {"default": {"ENGINE": "django.db.backends.postgresql"}}


def ids(found):
    return [message.id for message in found]


def test_a_data_dir_that_is_not_there_is_an_error(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert ids(checks.data_dir_can_be_written()) == ["churnsite.E001"]
    assert str(tmp_path / "gone") in checks.data_dir_can_be_written()[0].msg


def test_a_data_dir_that_can_be_written_is_fine(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert checks.data_dir_can_be_written() == []


def test_debug_with_postgresql_is_warned_about(settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr(checks, "_is_postgres", lambda: True)
    assert ids(checks.debug_is_off_on_a_real_database()) == ["churnsite.W001"]
    settings.DEBUG = False
    assert checks.debug_is_off_on_a_real_database() == []


def test_a_pinned_date_is_warned_about(settings):
    settings.BUSINESS_DATE = dt.date(2017, 10, 1)
    found = checks.today_is_not_pinned()
    assert ids(found) == ["churnsite.W002"]
    assert "2017-10-01" in found[0].msg


def test_postgresql_without_redis_is_warned_about(settings, monkeypatch):
    monkeypatch.setattr(checks, "_is_postgres", lambda: True)
    settings.REDIS_URL = ""
    assert ids(checks.a_queue_is_there_for_a_real_database()) == ["churnsite.W003"]
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    assert checks.a_queue_is_there_for_a_real_database() == []


def test_a_short_key_is_warned_about(settings):
    settings.DEBUG = False
    settings.SECRET_KEY = "short"
    assert ids(checks.secret_key_is_long()) == ["churnsite.W004"]


def test_they_are_registered(settings):
    settings.BUSINESS_DATE = dt.date(2017, 10, 1)
    assert "churnsite.W002" in ids(run_checks(include_deployment_checks=True))
