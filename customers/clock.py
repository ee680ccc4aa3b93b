"""Today, read at the edge and passed on as `as_of`; pinned by the setting BUSINESS_DATE."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def business_zone() -> ZoneInfo:
    """The business time zone, by which events fall on calendar dates."""
    return ZoneInfo(settings.TIME_ZONE)


def business_date() -> dt.date:
    """Today in the business time zone, or BUSINESS_DATE where it is set."""
    pinned: dt.date | None = settings.BUSINESS_DATE
    return pinned or timezone.localdate(timezone=business_zone())


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of a business day; of a day that begins twice, the first."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=business_zone())


def business_now() -> dt.datetime:
    """This moment in the business time zone; where "today" is pinned, the same time of day on that date."""
    now = timezone.localtime(timezone=business_zone())
    return dt.datetime.combine(business_date(), now.time(), tzinfo=business_zone())
