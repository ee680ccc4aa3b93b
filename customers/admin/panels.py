"""The panels of a customer's page; an app adds its own, so that the facts need not know who reads them.

A panel is a template and a function that gives its context; it stands on one tab, in order of its position, and is
computed only where that tab is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customers.models import Customer

__all__ = ["EVERY", "PROFILE", "TABS", "Panel", "register", "render_context", "tab_of"]

Context = Callable[[HttpRequest, Customer], dict[str, Any]]

EVERY = ""
"""A panel of this tab stands on every tab."""

PROFILE = "profile"
TABS: dict[str, Any] = {
    "overview": _("Overview"),
    "features": _("Features and peers"),
    "timeline": _("Timeline"),
    "health": _("Health"),
    "experiments": _("Experiments"),
    PROFILE: _("Profile"),
}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`position` below 50 stands above the profile, from 50 below it; `permission` is needed to see it."""

    name: str
    position: int
    template: str
    context: Context
    permission: str = "customers.view_customer"
    tab: str = "overview"


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to every customer's page; one of the same name takes the other's place."""
    _panels[panel.name] = panel


def tab_of(request: HttpRequest) -> str:
    """The tab that is asked for, or the first."""
    asked = request.GET.get("tab", "")
    return asked if asked in _open_to(request) else next(iter(TABS))


def render_context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The tabs that this user may open, and the panels of the one asked for: `panels_above` and `panels_below`."""
    shown = tab_of(request)
    panels = [panel for panel in _seen(request) if panel.tab in (EVERY, shown)]
    filled = [(panel, {"template": panel.template, **panel.context(request, customer)}) for panel in panels]
    return {
        "customer_tabs": [(name, TABS[name], name == shown) for name in _open_to(request)],
        "panels_above": [context for panel, context in filled if panel.position < 50],
        "panels_below": [context for panel, context in filled if panel.position >= 50],
    }


def _seen(request: HttpRequest) -> list[Panel]:
    seen = [panel for panel in _panels.values() if request.user.has_perm(panel.permission)]
    return sorted(seen, key=lambda panel: panel.position)


def _open_to(request: HttpRequest) -> list[str]:
    """The tabs with something on them for this user."""
    filled = {panel.tab for panel in _seen(request)}
    return [name for name in TABS if name in filled or name == PROFILE]
