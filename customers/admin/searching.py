"""Lists of rows that belong to customers, searched by the beginning of a customer's ID or name.

The customers are looked up first, by their indexes, and then the rows by the customers' keys. One condition over both
tables would make the database read all rows.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from customers.models import Customer
from customers.personal import reader_may_see

__all__ = ["FindsCustomers", "matching"]

MOST = 500


class FindsCustomers(ModelAdmin):
    """`customer_path` leads from a row to its customer; `own_ids` are columns that are searched for the whole term."""

    customer_path = "customer"
    own_ids: Sequence[str] = ()
    search_fields = ("customer__customer_id__startswith",)  # that there is a field to type in; see below
    search_help_text = _("The beginning of a customer ID or of a name.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = matching(term)
        if len(found) > MOST:
            messages.warning(request, _too_many())
        wanted = Q(**{f"{self.customer_path}__in": found[:MOST]})
        for name in self.own_ids:
            wanted |= Q(**{name: term})
        return queryset.filter(wanted), False


def matching(term: str) -> list[int]:
    """Keys of customers whose ID or name begins with the term, the shortest such ID first; at most one more than MOST.

    IDs are told apart by case, as the source does; names are not. A name is found only by those who may see it.
    """
    by_id = Customer.objects.filter(customer_id__startswith=term).order_by("customer_id").values_list("pk", flat=True)
    named = Customer.objects.filter(name__istartswith=term) if reader_may_see() else Customer.objects.none()
    by_name = named.order_by().values_list("pk", flat=True)
    return list(dict.fromkeys([*by_id[: MOST + 1], *by_name[: MOST + 1]]))[: MOST + 1]


def _too_many() -> str:
    return ngettext(
        "More than %(n)s customer begins like that; the rows of the first one are shown.",
        "More than %(n)s customers begin like that; the rows of the first %(n)s are shown.",
        MOST,
    ) % {"n": MOST}
