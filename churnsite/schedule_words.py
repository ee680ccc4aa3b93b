"""When scheduled tasks run, as sentences in the reader's language.

cron-descriptor writes the sentence, but leaves days and months in English.
"""

import calendar

from cron_descriptor import (  # type: ignore[import-untyped]
    FormatException,
    MissingFieldException,
    Options,
    WrongArgumentException,
    get_description,
)
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext as _
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

__all__ = ["crontab", "interval", "when"]

EVERY = {
    "days": ngettext_lazy("every day", "every %(n)s days", "n"),
    "hours": ngettext_lazy("every hour", "every %(n)s hours", "n"),
    "minutes": ngettext_lazy("every minute", "every %(n)s minutes", "n"),
    "seconds": ngettext_lazy("every second", "every %(n)s seconds", "n"),
    "microseconds": ngettext_lazy("every microsecond", "every %(n)s microseconds", "n"),
}


def crontab(row: CrontabSchedule) -> str:
    """When a crontab runs, with its time zone; the expression itself where it cannot be told."""
    parts = (row.minute, row.hour, row.day_of_month, row.month_of_year, row.day_of_week)
    expression = " ".join(part.replace(" ", "") or "*" for part in parts)
    try:
        told = _sentence(expression)
    except (FormatException, MissingFieldException, WrongArgumentException):
        told = expression
    return _("%(when)s (%(zone)s)") % {"when": told, "zone": row.timezone}


def interval(row: IntervalSchedule) -> str:
    """How often."""
    return str(EVERY[row.period] % {"n": row.every})


def when(task: PeriodicTask) -> str:
    """When a task runs, by whichever schedule it has."""
    if task.crontab:
        return crontab(task.crontab)
    if task.interval:
        return interval(task.interval)
    return str(task.solar or task.clocked or "–")


def _sentence(expression: str) -> str:
    is_chinese = (get_language() or "").startswith("zh")
    options = Options()
    options.locale_code, options.use_24hour_time_format = "zh_CN" if is_chinese else "en_US", True
    told: str = get_description(expression, options)
    return _in_chinese(told) if is_chinese else told


def _in_chinese(told: str) -> str:
    days = zip(calendar.day_name, WEEKDAYS.values(), strict=True)
    months = zip(calendar.month_name[1:], MONTHS.values(), strict=True)
    for english, ours in (*days, *months):
        told = told.replace(english, str(ours))
    return told.replace(", 和 ", "和").replace(", ", "，")
