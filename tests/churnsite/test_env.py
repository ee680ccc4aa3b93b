"""Reading of the environment."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from churnsite import env

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(("raw", "expected"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_a_flag_is_read_from_the_usual_words(monkeypatch, raw, expected):
    monkeypatch.setenv("FLAG", raw)
    assert env.flag("FLAG") is expected


def test_an_unset_value_takes_its_default(monkeypatch):
    monkeypatch.delenv("NUMBER", raising=False)
    assert env.integer("NUMBER", 7, least=1, most=180) == 7


def test_a_date_is_read(monkeypatch):
    monkeypatch.setenv("DAY", "2017-09-30")
    assert env.date("DAY") == dt.date(2017, 9, 30)


def test_rising_numbers_are_read(monkeypatch):
    monkeypatch.setenv("BOUNDS", "0.2, 0.4,0.9")
    assert env.numbers("BOUNDS", (0.3, 0.5, 0.7), rising_within=(0, 1)) == (0.2, 0.4, 0.9)


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (lambda: env.flag("VALUE"), "perhaps"),
        (lambda: env.integer("VALUE", 7, least=1, most=180), "181"),
        (lambda: env.integer("VALUE", 7, least=1, most=180), "seven"),
        (lambda: env.date("VALUE"), "30.09.2017"),
        (lambda: env.timezone("VALUE", "UTC"), "Mars/Olympus"),
        (lambda: env.choice("VALUE", "en", ("zh-hans", "en")), "fr"),
        (lambda: env.numbers("VALUE", (0.3, 0.5, 0.7), rising_within=(0, 1)), "0.5,0.3,0.7"),
        (lambda: env.numbers("VALUE", (0.3, 0.5, 0.7), rising_within=(0, 1)), "0.3,0.5"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(monkeypatch, read, raw):
    monkeypatch.setenv("VALUE", raw)
    with pytest.raises(ImproperlyConfigured, match=r"The setting VALUE is .*; it must be "):
        read()


@pytest.mark.parametrize(
    ("name", "value"),
    [("SECRET_KEY", ""), ("DATABASE_URL", "mysql://x"), ("REDIS_URL", "127.0.0.1"), ("TIME_ZONE", "x")],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path, name, value):
    environment = os.environ | {"DEBUG": "0", "SECRET_KEY": "k" * 50, "DATA_DIR": str(tmp_path), "ENV_FILE": os.devnull}
    command = [sys.executable, "manage.py", "check"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment | {name: value}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert f"The setting {name} " in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_example_lists_every_setting_that_is_read():
    """`.env.example` and the code name the same settings."""
    source = (ROOT / "churnsite/settings.py").read_text()
    read = {part.split('"')[1] for part in source.split("env.")[1:] if '("' in part.split(")")[0]}
    listed = {line.split("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line[:30]}
    assert read - {"ENV_FILE"} == {name for name in listed if not name.startswith("#")}
