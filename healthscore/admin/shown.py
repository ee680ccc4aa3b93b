"""Grades, scores and changes as people read them, the same on every page."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from customers.admin.labels import label
from healthscore import words

__all__ = ["LEVELS", "VARIANTS", "card_url", "change", "failures", "grade", "money", "risen", "score"]

VARIANTS = {"excellent": "success", "good": "info", "at_risk": "warning", "critical": "danger"}
LEVELS = {"excellent": "low", "good": "good", "at_risk": "high", "critical": "critical"}
"""The colours of bars, by the names that the styles have for them."""

Number = Decimal | float | None


def grade(name: str) -> str:
    """A coloured word; a dash where there is no grade."""
    return label(name, words.grade(name), VARIANTS) if name else "–"


def score(value: Number) -> str:
    """With two decimals, as people compare them."""
    return "–" if value is None else str(number_format(f"{value:.2f}"))


def change(value: Number) -> str:
    """With its sign, so that nobody has to see a colour."""
    if value is None:
        return "–"
    rounded = f"{value:+.2f}".replace("-", "−")
    return "0.00" if rounded in ("+0.00", "−0.00") else rounded


def risen(value: Number) -> Any:
    """A change with an arrow in front."""
    size = float(value or 0)
    arrow = "" if abs(size) < 0.005 else ("▲" if size > 0 else "▼")
    return format_html('<span class="nowrap"><span aria-hidden="true">{}</span> {}</span>', arrow, change(value))


def money(value: Number) -> str:
    """Whole units, grouped."""
    return "–" if value is None else str(number_format(f"{value:.0f}", force_grouping=True))


def failures(found: list[Mapping[str, str]]) -> list[str]:
    """What could not be read, and what that means for the scores."""
    if not found:
        return []
    without = _("The scores are without what it would have told; alerts that rest on it stay as they were.")
    return [*(words.failure(one) for one in found), without]


def card_url(customer: int) -> str:
    """The page of a customer, by its key, with the card to the front."""
    return f"{reverse('admin:customers_customer_change', args=[customer])}?tab=health"
