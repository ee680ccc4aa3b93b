"""Typed reading of the environment: a wrong value stops the start with a sentence that names it."""

import datetime as dt
import itertools
import os
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The variable's text, trimmed; `default` where it is unset or blank."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise _wrong(name, value, "one of 1, 0, true, false, yes, no, on, off")


def integer(name: str, default: int, *, least: int, most: int) -> int:
    parsed = _parsed(name, int, f"a whole number from {least} to {most}")
    if parsed is None:
        return default
    if not least <= parsed <= most:
        raise _wrong(name, os.environ[name], f"a whole number from {least} to {most}")
    return parsed


def numbers(name: str, default: tuple[float, ...], *, rising_within: tuple[float, float]) -> tuple[float, ...]:
    """As many comma-separated numbers as `default` has, each above the one before and inside the given range."""
    low, high = rising_within
    wanted = f"{len(default)} rising numbers between {low:g} and {high:g}, separated by commas"
    parsed = _parsed(name, lambda raw: tuple(float(part) for part in raw.split(",")), wanted)
    if parsed is None:
        return default
    rising = all(a < b for a, b in itertools.pairwise(parsed))
    if len(parsed) != len(default) or not rising or not all(low < number < high for number in parsed):
        raise _wrong(name, os.environ[name], wanted)
    return parsed


def date(name: str) -> dt.date | None:
    return _parsed(name, dt.date.fromisoformat, "a date such as 2017-09-30")


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise _wrong(name, value, f"one of {', '.join(allowed)}")
    return value


def timezone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        zoneinfo.ZoneInfo(value)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        raise _wrong(name, value, "a time zone name such as Asia/Shanghai") from None
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    """An absolute folder, made if it is not there."""
    value = text(name)
    path = Path(value).expanduser().resolve() if value else default
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _wrong(name, str(path), f"a folder that can be written ({error.strerror})") from None
    return path


def _parsed(name: str, parse: Callable[[str], T], wanted: str) -> T | None:
    value = text(name)
    if not value:
        return None
    try:
        return parse(value)
    except ValueError:
        raise _wrong(name, value, wanted) from None


def _wrong(name: str, value: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The setting {name} is {value!r}; it must be {wanted}.")
