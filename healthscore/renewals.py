"""Deals to be renewed soon."""

import datetime as dt

from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, QuerySet

from customers.models import Deal
from healthscore import configurations

__all__ = ["WINDOWS", "due"]

WINDOWS = (60, 90)
PAID = (Deal.Stage.WON, Deal.Stage.RENEWED)


def due(*, as_of: dt.date, days: int) -> QuerySet[Deal]:
    """Deals to be renewed from a date on that have no renewal yet.

    A renewal counts from as many days before their date on as the active configuration's alerts say.
    """
    renewed_before = dt.timedelta(days=configurations.active().document["alerts"]["renewal_days_before"])
    earliest = ExpressionWrapper(OuterRef("renewal_date") - renewed_before, output_field=DateField())
    others = Deal.objects.filter(
        customer=OuterRef("customer"), deal_stage=Deal.Stage.RENEWED, deal_date__lt=as_of, deal_date__gte=earliest
    ).exclude(pk=OuterRef("pk"))
    window = (as_of, as_of + dt.timedelta(days=days))
    deals = Deal.objects.filter(deal_stage__in=PAID, deal_date__lt=as_of, renewal_date__range=window)
    return deals.filter(~Exists(others))
