"""Customers whose data were erased: their draw and outcome stay as they are, and nobody watches them any more."""

from django.db.models import Exists, OuterRef, QuerySet

from customers.models import Hold
from customers.personal.erasing import HOLD
from experiments.models import Assignment


def known(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """The assignments without those of erased customers, whose events are gone and would look like leaving."""
    return assignments.exclude(Exists(Hold.objects.filter(customer=OuterRef("customer"), source=HOLD)))
