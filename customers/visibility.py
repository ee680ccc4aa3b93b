"""Which customers may this user see? The one decision behind every list, page, count, download and endpoint.

A user may be limited to regions and to account managers (`UserScope`); limited to both, a customer has to meet both.
A superuser, and a user without limits, see everybody. Permissions say what may be done; this says with whom.
"""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from customers.account_managers import looked_after_by
from customers.models import Customer, UserScope

__all__ = [
    "FIGURES_LEFT_OUT",
    "FIGURES_OF_ALL",
    "ROWS_OF_ALL",
    "WORK_ON_ALL",
    "check_sees_all",
    "is_limited",
    "may_see",
    "visible",
]

FIGURES_OF_ALL = _("It counts customers whom you do not see.")
FIGURES_LEFT_OUT = _("Figures that count customers whom you do not see are left out.")
ROWS_OF_ALL = _("You see only some customers; rows of any customer are brought in by those who see all.")
WORK_ON_ALL = _("You see only some customers; what is done to all of them is done by those who see all.")

Row = TypeVar("Row", bound=Model)


def visible(rows: QuerySet[Row], user: Any, customer: str = "customer") -> QuerySet[Row]:
    """The rows whose customer the user may see; `customer` is the path from the row to it ("pk" for itself).

    The same queryset for whom nothing limits, none for whom has not logged in. Limits are read once a user object.
    """
    if not getattr(user, "is_authenticated", False):
        return rows.none()
    scope = _limits(user)
    return rows if scope is None else rows.filter(**{f"{customer}__in": _within(scope)})


def may_see(customer: Customer, user: Any) -> bool:
    """Whether this customer is among those."""
    if not getattr(user, "is_authenticated", False):
        return False
    return not is_limited(user) or visible(Customer.objects.filter(pk=customer.pk), user, "pk").exists()


def is_limited(user: Any) -> bool:
    """Whether the user sees only some customers: figures of all of them are not for such a user."""
    return not getattr(user, "is_authenticated", False) or _limits(user) is not None


def check_sees_all(user: Any, why: Any) -> None:
    """Raise PermissionDenied with the sentence `why` for a user who sees only some customers."""
    if is_limited(user):
        raise PermissionDenied(why)


def _limits(user: Any) -> UserScope | None:
    """What limits the user; a scope with both lists empty does not."""
    if getattr(user, "is_superuser", False):
        return None
    scope: UserScope | None = getattr(user, "customer_scope", None)
    return scope if scope is not None and (scope.regions or scope.account_managers) else None


def _within(scope: UserScope) -> QuerySet[Customer, int]:
    """The keys of the customers within the limits, as a subquery."""
    customers = Customer.objects.order_by()
    if scope.regions:
        customers = customers.filter(region__in=scope.regions)
    if scope.account_managers:
        customers = customers.filter(pk__in=looked_after_by(scope.account_managers))
    return customers.values_list("pk", flat=True)
