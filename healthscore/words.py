"""Sentences of dimensions, alerts and advice in the reader's language: declared elsewhere, said here."""

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from healthscore.dimensions import advice
from healthscore.dimensions.alerts import ALERTS
from healthscore.dimensions.catalogue import BY_NAME

__all__ = [
    "GRADES",
    "SOURCES",
    "alert_message",
    "alert_title",
    "failure",
    "grade",
    "number",
    "payment_status",
    "priority",
    "recommendations",
]

SOURCES = {"sales": _("sales"), "support": _("support"), "activity": _("activity")}
GRADES = {
    "excellent": _("excellent"),
    "good": _("good"),
    "at_risk": _("at risk"),
    "critical": pgettext_lazy("grade", "critical"),
}
_STATUSES = {"current": _("current"), "late": _("late"), "overdue": _("overdue")}
_PRIORITIES = {"urgent": _("urgent"), "high": _("high"), "medium": _("medium"), "low": _("low")}
_ALERTS = {alert.code: alert for alert in ALERTS}


def alert_title(code: str) -> str:
    """An alert's name; a code that is no longer declared stands for itself."""
    return gettext(_ALERTS[code].title) if code in _ALERTS else code


def alert_message(code: str, *, value: float | None, threshold: float | None, detail: str) -> str:
    """What an alert found, with its figures."""
    if code not in _ALERTS:
        return code
    shown = {**GRADES, **_PRIORITIES}.get(detail, detail)
    return gettext(_ALERTS[code].message).format(value=number(value), threshold=number(threshold), detail=shown)


def number(value: float | None, places: int = 4) -> str:
    """A figure with as many decimals as it needs, at most `places`."""
    if value is None:
        return "–"
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    decimals = len(text.partition(".")[2])
    return str(number_format(text if text not in {"", "-0"} else "0", decimal_pos=decimals, force_grouping=False))


def recommendations(*, grade: str, scores: dict[str, float | None], weights: dict[str, float]) -> list[str]:
    """The grade's action, then a line for each of the two weakest dimensions."""
    weakest = advice.weakest(scores=scores, weights=weights)
    return [gettext(advice.ACTIONS[grade]), *(gettext(BY_NAME[name].playbook) for name in weakest)]


def grade(name: str) -> str:
    """A grade's name."""
    return str(GRADES.get(name, name))


def failure(found: Mapping[str, str]) -> str:
    """What could not be read."""
    source = SOURCES.get(found["source"], found["source"])
    return gettext("The source %(source)s could not be read: %(error)s") % {"source": source, "error": found["error"]}


def priority(name: str) -> str:
    """A ticket's priority."""
    return str(_PRIORITIES.get(name, name))


def payment_status(name: str) -> str:
    """Whether bills are paid."""
    return str(_STATUSES.get(name, name))
