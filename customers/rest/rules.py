"""Who may call an endpoint: the permission that people need, and the scope that a machine's key needs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from customers.rest.keys import Machine

__all__ = ["PUBLIC", "SCOPES", "SIGNED_IN", "MayCall", "Rule", "Scope"]


class Scope(StrEnum):
    """What a key may be given; each is told in `SCOPES`."""

    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    PREDICTIONS_READ = "predictions:read"
    TREATMENTS_READ = "treatments:read"
    INTERVENTIONS_WRITE = "interventions:write"
    HEALTH_READ = "health:read"


SCOPES: dict[Scope, Any] = {
    Scope.CUSTOMERS_READ: _("read customers and their events"),
    Scope.CUSTOMERS_WRITE: _("bring in customers and their events"),
    Scope.PREDICTIONS_READ: _("read predictions"),
    Scope.TREATMENTS_READ: _("read the lists of who is to be treated"),
    Scope.INTERVENTIONS_WRITE: _("report the measures that were taken"),
    Scope.HEALTH_READ: _("read health scores"),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """People need `permission`, machines `scope`; without one nobody of that sort may call."""

    permission: str = ""
    scope: Scope | None = None
    is_public: bool = False
    for_anybody_signed_in: bool = False

    def allows(self, *, user: Any, key: Any) -> bool:
        """Whether a caller may: `key` is the machine's (`customers.rest.keys.Key`), None where a person calls."""
        if self.is_public:
            return True
        if key is not None:
            return self.for_anybody_signed_in or (self.scope is not None and self.scope in key.scopes)
        if not user.is_authenticated:
            return False
        return self.for_anybody_signed_in or bool(self.permission and user.has_perm(self.permission))


PUBLIC = Rule(is_public=True)
SIGNED_IN = Rule(for_anybody_signed_in=True)


class MayCall(BasePermission):
    """The rule that the endpoint declares for the method; a method without one is closed to everybody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        rule = getattr(view, "rules", {}).get("GET" if request.method == "HEAD" else request.method)
        if rule is None and not hasattr(view, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        user: Any = request.user
        key = user.key if isinstance(user, Machine) else None
        return rule is not None and rule.allows(user=user, key=key)
