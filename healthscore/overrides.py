"""Grades that staff set are looked up later: was the person right?"""

import datetime as dt

from django.utils.translation import gettext as _

from healthscore import leaving, sources
from healthscore.models import Override

__all__ = ["judge", "verdict_told"]

HEALTHY = ("excellent", "good")
Verdict = Override.Verdict


def judge(*, today: dt.date) -> int:
    """Look up whether overrides that have ended were right, once 90 days from their first are over; how many were.

    A good grade was right where the customer stayed, a bad one where the customer left within those days.
    """
    last = leaving.known_until(today) - dt.timedelta(days=leaving.HORIZON_DAYS)
    due = list(Override.objects.filter(verdict="", starts_on__lte=last, expires_on__lte=today))
    if not due:
        return 0
    with sources.read(since=today, until=today) as facts:
        if any(failure.source == "sales" for failure in facts.failures):
            return 0
        left = dict(leaving.left_on(facts=facts, today=today).select("customer_pk", "left_on").iter_rows())
    for override in due:
        _judge(override, left.get(override.customer_id), today)
    return Override.objects.bulk_update(due, ["verdict", "verdict_reason", "judged_on"], batch_size=500)


def verdict_told(override: Override) -> str:
    """The verdict's reason as a sentence, in the reader's language; empty before it is judged."""
    found = override.verdict_reason
    if not found:
        return ""
    if found["left_on"] is None:
        return _("The customer stayed for %(days)s days.") % found
    return _("The customer left on %(left_on)s.") % found


def _judge(override: Override, left_on: dt.date | None, today: dt.date) -> None:
    """Whoever had left before the override began, or left after its 90 days, tells nothing of a departure in them."""
    until = override.starts_on + dt.timedelta(days=leaving.HORIZON_DAYS)
    is_before = left_on is not None and left_on < override.starts_on
    has_left = left_on is not None and not is_before and left_on < until
    told = left_on if is_before or has_left else None
    override.judged_on = today
    override.verdict_reason = {"days": leaving.HORIZON_DAYS, "left_on": told.isoformat() if told else None}
    right = Verdict.RIGHT if has_left != (override.grade in HEALTHY) else Verdict.WRONG
    override.verdict = Verdict.UNDECIDED if is_before else right
