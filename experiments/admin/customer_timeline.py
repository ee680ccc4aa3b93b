"""A customer's experiments on its timeline: the day of enrolment, and the turn on a list of whom to treat."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.admin.timeline import Entry, Kind, joined, register
from customers.clock import start_of
from customers.models import Customer
from experiments.models import Assignment

__all__ = ["arms"]


def arms(customer: Customer, n: int) -> Iterable[Entry]:
    """The latest first."""
    rows = Assignment.objects.filter(customer=customer).select_related("experiment", "arm", "listing")
    for one in rows.order_by("-enrolled_on", "-pk")[:n]:
        listing = getattr(one, "listing", None)
        if listing is not None and not listing.is_ghost:
            yield Entry(start_of(listing.listed_on), "checklist", _("On the treatment list"), one.arm.measure)
        role = _("control group: to get nothing") if one.arm.is_control else one.arm.measure
        title = _("Enrolled: %(experiment)s") % {"experiment": one.experiment.name}
        yield Entry(start_of(one.enrolled_on), "experiment", title, joined(one.arm.name, role))


register(
    Kind(
        name="experiments",
        title=gettext_lazy("Experiments"),
        entries=arms,
        permission="experiments.view_assignment",
    )
)
