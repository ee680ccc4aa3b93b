"""Addresses of the lists behind the numbers, filtered to just the rows that were counted."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from predictions.modelling.risk import AT_RISK
from predictions.models import RiskToday

__all__ = ["by_value", "listed", "of_day", "of_today"]

VALUE_COLUMN = "worth"


def listed(view: str, **query: Any) -> str:
    """A list of the admin, such as "customers_customer"; a sequence of values means any of them."""
    address = reverse(f"admin:{view}_changelist")
    return f"{address}?{urlencode(query, doseq=True)}" if query else address


def of_today(*levels: str, **query: Any) -> str:
    """The work list of the latest day, of some risk levels or of all."""
    return listed("predictions_risktoday", **({"risk_level__exact": levels} if levels else {}), **query)


def of_day(day: dt.date, *, is_at_risk: bool = False, **query: Any) -> str:
    """The predictions of a day."""
    levels = {"risk_level__exact": AT_RISK} if is_at_risk else {}
    return listed("predictions_prediction", as_of_from=day, as_of_to=day, **levels, **query)


def by_value(request: HttpRequest) -> dict[str, str]:
    """What sorts the work list by monthly value, the highest first: the number of its column, for this user."""
    page = admin.site.get_model_admin(RiskToday)
    columns = [*(["action_checkbox"] if page.get_actions(request) else []), *page.get_list_display(request)]
    return {"o": f"-{columns.index(VALUE_COLUMN)}"} if VALUE_COLUMN in columns else {}
