"""Who looks after a customer: the account manager of the latest deal that names one.

Not of any deal: a customer who was handed over would stay in sight of everybody who ever sold something to it.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from customers.models import Deal

__all__ = ["looked_after_by", "name_of"]


def name_of(customer: str = "customer") -> Subquery:
    """The account manager's name of each outer row's customer, at the path `customer`; None where there is none."""
    named = Deal.objects.filter(customer=OuterRef(customer)).exclude(account_manager="")
    return Subquery(named.order_by("-deal_date", "-pk").values("account_manager")[:1])


def looked_after_by(names: Iterable[str]) -> QuerySet[Deal, Any]:
    """The keys of the customers whom one of these looks after."""
    later = Deal.objects.filter(
        Q(deal_date__gt=OuterRef("deal_date")) | Q(deal_date=OuterRef("deal_date"), pk__gt=OuterRef("pk")),
        customer=OuterRef("customer"),
    ).exclude(account_manager="")
    theirs = Deal.objects.filter(account_manager__in=list(names)).exclude(account_manager="")
    return theirs.filter(~Exists(later)).order_by().values_list("customer", flat=True)
