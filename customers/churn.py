"""What counts as a purchase, an interaction, activity, and churn: the one definition that everything reads.

A customer is *active* on a local calendar date with a purchase or an interaction of an active kind on it, and has
*churned* at an as-of date D with no activity in [D, D + horizon). Unsubscribe and security events are signals, not
activity.
"""

import datetime as dt

PURCHASE_STATUS = "completed"
TRANSACTION_STATUSES = ("completed", "refunded", "failed")
INTERACTION_KINDS = ("login", "browse", "search", "support", "complaint", "feedback", "unsubscribe", "security")
ACTIVITY_KINDS = ("login", "browse", "search", "support", "complaint", "feedback")
CHANNELS = ("web", "mobile", "phone", "email", "store")

WINDOW_DAYS = 20
HISTORY_DAYS = 180


def label_closes_on(*, as_of: dt.date, horizon_days: int) -> dt.date:
    """The first date on which the label of `as_of` is known: every day of [as_of, as_of + horizon) is over."""
    return as_of + dt.timedelta(days=horizon_days)
