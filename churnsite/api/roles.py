"""Each operation of the API says who may call it: roles of people, and the scope that a key needs."""

from typing import Any

from churnsite.roles import ROLES, permissions
from customers.rest.rules import Rule
from customers.rest.schema import RULE

__all__ = ["callers", "tell_roles"]


def callers(rule: Rule) -> list[str]:
    """The names of the roles that a rule lets in, and `key with …` where a machine's key does."""
    if rule.is_public:
        return ["anybody"]
    if rule.for_anybody_signed_in:
        return [*(role.name for role in ROLES), "any key"]
    people = [role.name for role in ROLES if rule.permission and rule.permission in permissions(role)]
    return [*people, *([f"key with {rule.scope.value}"] if rule.scope else [])]


def tell_roles(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of the description's maker: adds the callers to every operation."""
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["x-callers"] = callers(operation.pop(RULE))
            said = f"May be called by: {', '.join(operation['x-callers'])}."
            operation["description"] = f"{operation.get('description', '')}\n\n{said}".strip()
    return result
