"""Social network: friends, customers referred, and the referrer; known customers registered before the as-of date."""

import polars as pl

from predictions.features.core import DAYS, FLAG, FLOAT, INT, SHARE, Feature
from predictions.features.core import gettext_noop as _
from predictions.features.formulas import log1p, ratio
from predictions.features.terms import neighbour_rows

_active = pl.col("active_days") > 0
_friend, _referred, _referrer = pl.col("is_friend"), pl.col("is_referred"), pl.col("is_referrer")

referral_count = Feature(_("Customers referred."), INT, neighbour_rows.count(where=_referred), "0")
referred_by_active_user = Feature(
    _("1 where the referrer was active in the last 20 days."),
    FLAG,
    neighbour_rows.count(where=_referrer & _active) > 0,
    "0",
)
social_influence_score = Feature(
    _("ln(1 + customers referred) + ln(1 + those of them active in the last 20 days)."),
    FLOAT,
    log1p(neighbour_rows.count(where=_referred)) + log1p(neighbour_rows.count(where=_referred & _active)),
    "0",
)
friend_count = Feature(_("Different friends."), INT, neighbour_rows.count(where=_friend), "0")
friend_activity_level = Feature(
    _("Mean days with activity of the friends in the last 20."),
    DAYS,
    ratio(neighbour_rows.total("active_days", where=_friend), neighbour_rows.count(where=_friend)),
    "null",
)
network_effect_score = Feature(
    _("Share of friends, referred customers and the referrer that were active in the last 20 days."),
    SHARE,
    ratio(neighbour_rows.count(where=_active), neighbour_rows.count()),
    "null",
)
