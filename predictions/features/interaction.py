"""Interaction: how the customer comes by, over which channels, and how content."""

import polars as pl

from predictions.features.core import FLOAT, INT, INT_SECONDS, LABEL, PAGES, RATING, SECONDS, SHARE, Feature, W
from predictions.features.core import gettext_noop as _
from predictions.features.formulas import over, ratio, slope
from predictions.features.terms import activity, interaction_rows, logins, purchases

_login = pl.col("kind") == "login"
_browse = pl.col("kind") == "browse"
_browses = interaction_rows.count(where=_browse)

session_seconds_20d = Feature(
    _("Seconds of all interactions of the last 20 days."),
    INT_SECONDS,
    interaction_rows.total("duration_seconds"),
    "0",
)
avg_login_duration_20d = Feature(
    _("Mean seconds of the logins of the last 20 days that have a duration."),
    SECONDS,
    ratio(
        interaction_rows.total("duration_seconds", where=_login),
        interaction_rows.known("duration_seconds", where=_login),
    ),
    "null",
)
login_trend_20d = Feature(
    _("Slope of the number of logins over the four 5-day buckets of the last 20 days."),
    FLOAT,
    over(slope(logins), 10),
    "0",
)
days_with_login_20d = Feature(_("Days with a login in the last 20."), INT, logins.days(W), "0")
browse_count_20d = Feature(_("Browses in the last 20 days."), INT, _browses, "0")
avg_browse_depth_20d = Feature(
    _("Mean pages of the browses of the last 20 days that have a page depth."),
    PAGES,
    ratio(interaction_rows.total("page_depth", where=_browse), interaction_rows.known("page_depth", where=_browse)),
    "null",
)
browse_to_purchase_ratio_20d = Feature(
    _("Purchases a browse in the last 20 days."), FLOAT, ratio(purchases.total(W), _browses), "null (no browse)"
)
support_interaction_count_20d = Feature(
    _("Support contacts in the last 20 days."), INT, interaction_rows.count(where=pl.col("kind") == "support"), "0"
)
complaint_count_20d = Feature(
    _("Complaints in the last 20 days."), INT, interaction_rows.count(where=pl.col("kind") == "complaint"), "0"
)
avg_response_satisfaction_20d = Feature(
    _("Mean satisfaction of the interactions of the last 20 days that have one."),
    RATING,
    ratio(interaction_rows.total("satisfaction"), interaction_rows.known("satisfaction")),
    "null",
)
primary_channel = Feature(
    _("Channel with most interactions in the last 20 days."),
    LABEL,
    interaction_rows.top("channel").fill_null("none"),
    "none",
)
channel_diversity_20d = Feature(
    _("Entropy over the channels of the interactions of the last 20 days; 0 is one channel."),
    FLOAT,
    interaction_rows.entropy("channel"),
    "null",
)
mobile_usage_ratio_20d = Feature(
    _("Share of mobile among the interactions of the last 20 days that have a channel."),
    SHARE,
    ratio(interaction_rows.count(where=pl.col("channel") == "mobile"), interaction_rows.known("channel")),
    "null",
)
active_days_20d = Feature(_("Days with any activity in the last 20."), INT, activity.days(W), "0")
# 0.4·days/20 + 0.3·min(1, interactions/40) + 0.2·min(1, purchases/8) + 0.1·min(1, kinds/4), over 4000.
engagement_score = Feature(
    _(
        "0 to 1 from active days (0.4), interactions (0.3), purchases (0.2) and kinds of interaction (0.1) of the last"
        " 20 days."
    ),
    SHARE,
    over(
        80 * activity.days(W)
        + 30 * interaction_rows.count().clip(upper_bound=40)
        + 100 * purchases.total(W).clip(upper_bound=8)
        + 100 * interaction_rows.kinds("kind").clip(upper_bound=4),
        4000,
    ),
    "0",
)
