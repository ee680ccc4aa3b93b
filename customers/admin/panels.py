"""The panels of a customer's page; an app adds its own, so that the facts need not know who reads them.

A panel is a template and a function that gives its context; the panels stand in order of their position.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from customers.models import Customer

Context = Callable[[HttpRequest, Customer], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`position` below 50 stands above the profile, from 50 below it; `permission` is needed to see it."""

    name: str
    position: int
    template: str
    context: Context
    permission: str = "customers.view_customer"


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to every customer's page; one of the same name takes the other's place."""
    _panels[panel.name] = panel


def render_context(request: HttpRequest, customer: Customer) -> dict[str, list[dict[str, Any]]]:
    """The panels that this user may see, with their contexts: `panels_above` and `panels_below` the profile."""
    seen = [panel for panel in _panels.values() if request.user.has_perm(panel.permission)]
    seen.sort(key=lambda panel: panel.position)
    filled = [(panel, {"template": panel.template, **panel.context(request, customer)}) for panel in seen]
    return {
        "panels_above": [context for panel, context in filled if panel.position < 50],
        "panels_below": [context for panel, context in filled if panel.position >= 50],
    }
