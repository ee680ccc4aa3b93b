"""What stands on top of a customer's page: who the customer is, who looks after it, what staff noted, what to do."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from customers import cases
from customers.admin import measuring, panels
from customers.admin.panels import Panel, register
from customers.commands import Refused
from customers.models import Assignee, Customer, Transaction
from customers.personal import shown

__all__ = ["act"]

NOTES = 10
TAKE, TAKE_OVER, NOTE = "customers.add_assignee", "customers.change_assignee", "customers.add_casenote"


def facts(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The customer in a line, and who looks after it."""
    assignee = Assignee.objects.filter(customer=customer).select_related("user").first()
    bought = Transaction.objects.filter(customer=customer, status=Transaction.Status.COMPLETED)
    return {
        "last_purchase": bought.aggregate(last=Max("occurred_at"))["last"],
        "last_contact": customer.interventions.aggregate(last=Max("occurred_at"))["last"],
        "assignee": assignee,
        "is_mine": assignee is not None and assignee.user_id == request.user.pk,
        "moves": _moves(request, assignee),
        "may_measure": request.user.has_perm(measuring.ADD),
        "may_note": request.user.has_perm(NOTE),
        "act_url": reverse("admin:customers_customer_case", args=[customer.pk]),
        "tab": panels.tab_of(request),
    }


def notes(_request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The latest notes, with their authors."""
    latest = list(customer.case_notes.select_related("author")[:NOTES])
    for one in latest:
        one.text = shown(one.text)
    return {"notes": latest, "shown": NOTES}


def act(request: HttpRequest, customer: Customer) -> HttpResponseRedirect:
    """Do what a button of the panel says, and lead back to the page."""
    move = request.POST.get("move", "")
    needed = {"take": TAKE, "release": TAKE, "take_over": TAKE_OVER, "note": NOTE}.get(move)
    if needed is None or not request.user.has_perm(needed):
        raise PermissionDenied
    try:
        messages.success(request, _done(move, request, customer))
    except Refused as refusal:
        messages.error(request, str(refusal))
    tab = request.POST.get("tab", "")
    page = reverse("admin:customers_customer_change", args=[customer.pk])
    return HttpResponseRedirect(f"{page}?tab={tab}" if tab in panels.TABS else page)


def _done(move: str, request: HttpRequest, customer: Customer) -> str:
    """What was done, as a sentence; Refused where it could not be."""
    match move:
        case "note":
            cases.note(customer, request.POST.get("text", ""), user=request.user)
            return _("The note is kept.")
        case "release":
            cases.release([customer.pk], user=request.user)
            return _("You look after this customer no more.")
        case "take_over":
            cases.take_over(customer, user=request.user)
            return _("You look after this customer now.")
    if cases.take([customer.pk], user=request.user).n_others:
        raise Refused(_("Somebody else looks after this customer meanwhile."))
    return _("You look after this customer now.")


def _moves(request: HttpRequest, assignee: Assignee | None) -> list[tuple[str, str]]:
    """The buttons: the move and its text."""
    may = request.user.has_perm
    if assignee is None:
        return [("take", _("Assign to me"))] if may(TAKE) else []
    if assignee.user_id == request.user.pk:
        return [("release", _("Release"))] if may(TAKE) else []
    return [("take_over", _("Take over"))] if may(TAKE_OVER) else []


register(Panel(name="case", position=2, template="admin/customers/panels/case.html", context=facts, tab=panels.EVERY))
register(
    Panel(
        name="notes",
        position=45,
        template="admin/customers/panels/notes.html",
        context=notes,
        permission="customers.view_casenote",
    )
)
