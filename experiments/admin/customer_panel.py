"""What a customer's page tells of experiments: which ones it is in, in which arm, until when, and what came of it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from customers.admin.labels import label
from customers.admin.panels import Panel, register
from customers.models import Customer
from experiments.admin import customer_timeline  # noqa: F401 - it adds its kind to the timeline
from experiments.admin.course import STATUSES
from experiments.models import Assignment

__all__ = ["arms"]

MOST = 20


def arms(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest first."""
    rows = Assignment.objects.filter(customer=customer).select_related("experiment", "arm", "outcome", "listing__arm")
    return {"rows": [_row(one) for one in rows[:MOST]]}


def _row(assignment: Assignment) -> dict[str, Any]:
    outcome = getattr(assignment, "outcome", None)
    return {
        "experiment": assignment.experiment,
        "arm": assignment.arm,
        "role": _("control group: to get nothing") if assignment.arm.is_control else assignment.arm.measure,
        "enrolled_on": assignment.enrolled_on,
        "turn": _turn(assignment),
        "outcome": label(outcome.status, outcome.get_status_display(), STATUSES) if outcome else _("not known yet"),
    }


def _turn(assignment: Assignment) -> str:
    """When its turn on the list came; of a control customer, when it would have come."""
    listing = getattr(assignment, "listing", None)
    if listing is None:
        return "–"
    told = _("%(day)s, as a ghost: nothing was sent") if listing.is_ghost else "%(day)s"
    return told % {"day": f"{listing.listed_on:%Y-%m-%d}"}


register(
    Panel(
        name="experiments",
        position=30,
        template="admin/experiments/panels/arms.html",
        context=arms,
        permission="experiments.view_assignment",
        tab="experiments",
    )
)
