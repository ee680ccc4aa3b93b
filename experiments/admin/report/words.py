"""Figures as people read them: shares in percent, effects in customers of a hundred, amounts with their thousands."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

__all__ = ["amount", "day", "of_hundred", "p_value", "percent", "span", "whole"]

NONE = "–"


def percent(share: float | None, *, digits: int = 1) -> str:
    """0.1234 as 12.3 %."""
    return NONE if share is None else f"{_rounded(share * 100, digits)} %"


def of_hundred(difference: float | None, *, digits: int = 1) -> str:
    """0.021 as 2.1: so many customers of a hundred."""
    return NONE if difference is None else _rounded(difference * 100, digits)


def amount(value: float | None) -> str:
    """In the account currency; large ones without their cents."""
    if value is None:
        return NONE
    return _rounded(value, 2 if abs(value) < 1_000 else 0)


def whole(value: float | None) -> str:
    return NONE if value is None else f"{round(value):,}"


def p_value(p: float | None) -> str:
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else _rounded(p, 3)


def span(value: float | None, ends: Sequence[float] | None, write: Any) -> str:
    """A figure with its interval, as in 2.1 (0.4 to 3.8)."""
    if value is None or ends is None:
        return str(write(value))
    texts = {"value": write(value), "low": write(ends[0]), "high": write(ends[1])}
    return _("%(value)s (%(low)s to %(high)s)") % texts


def day(iso: str | None) -> str:
    return NONE if iso is None else str(date_format(dt.date.fromisoformat(iso)))


def _rounded(value: float, digits: int) -> str:
    """In both languages alike; Django's own format cuts digits off and groups Chinese numbers by no comma."""
    return f"{value:,.{digits}f}"
