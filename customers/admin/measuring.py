"""The form of a measure that staff note, and the action that notes it for the chosen rows of a list."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from customers.clock import business_now
from customers.commands import Refused
from customers.measures import Measure, Recorded, record
from customers.models import Customer

__all__ = ["ADD", "MeasureForm", "ask_for_measure", "told"]

ADD = "customers.add_intervention"


class MeasureForm(forms.Form):
    """What was done; `batch` makes sure that a form sent twice is noted once."""

    kind = forms.CharField(
        label=_("Kind"),
        max_length=50,
        help_text=_("The measure, such as coupon, call or e-mail."),
        widget=UnfoldAdminTextInputWidget,
    )
    channel = forms.CharField(
        label=_("Channel"),
        max_length=50,
        required=False,
        help_text=_("How the customer was reached."),
        widget=UnfoldAdminTextInputWidget,
    )
    occurred_at = forms.SplitDateTimeField(label=_("When"), initial=business_now, widget=UnfoldAdminSplitDateTimeWidget)
    cost = forms.DecimalField(
        label=_("Cost"),
        min_value=0,
        max_digits=15,
        decimal_places=2,
        initial=0,
        help_text=_("Of one customer, in the account currency."),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        help_text=_("What was said or agreed."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    batch = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

    def clean_occurred_at(self) -> Any:
        moment = self.cleaned_data["occurred_at"]
        if moment > business_now():
            raise ValidationError(gettext("This lies in the future; note a measure once it was taken."))
        return moment

    def measure(self) -> Measure:
        return Measure(**{name: self.cleaned_data[name] for name in ("kind", "channel", "occurred_at", "cost", "note")})


def ask_for_measure(
    page: Any, request: HttpRequest, rows: QuerySet[Any], *, customer: str, action: str, outlet: str
) -> HttpResponse | None:
    """Show the form for the chosen rows of a list; once it is filled in, note the measure and tell what came of it.

    `customer` leads from the row to the customer. None leads back to the list.
    """
    is_sent = "measure" in request.POST
    form = MeasureForm(request.POST if is_sent else None)
    customers = Customer.objects.filter(pk__in=rows.order_by().values(customer))
    if is_sent and form.is_valid():
        try:
            done = record(
                customers,
                form.measure(),
                user=request.user,
                outlet=outlet,
                batch=form.cleaned_data["batch"],
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            told(request, done)
        return HttpResponseRedirect(request.get_full_path())
    n = customers.count()
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": gettext("Record an intervention"),
        "question": ngettext(
            "One intervention for %(n)s customer; who is held back on that day is left out.",
            "One intervention for each of %(n)s customers; those held back on that day are left out.",
            n,
        )
        % {"n": n},
        "form": form,
        "action": action,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "checkbox": ACTION_CHECKBOX_NAME,
        "select_across": request.POST.get("select_across", "0"),
        "index": request.POST.get("index", "0"),
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/customers/measure.html", context)


def told(request: HttpRequest, done: Recorded) -> None:
    """How many were noted, and how many were not and why."""
    if done.n_recorded:
        text = ngettext("%(n)s intervention is recorded.", "%(n)s interventions are recorded.", done.n_recorded)
        messages.success(request, text % {"n": done.n_recorded})
    if done.n_held:
        text = ngettext(
            "%(n)s customer is held back on that day and was refused: nothing is recorded as done, and that the "
            "customer was kept off is.",
            "%(n)s customers are held back on that day and were refused: nothing is recorded as done, and that they "
            "were kept off is.",
            done.n_held,
        )
        messages.warning(request, text % {"n": done.n_held})
    if not done.n_recorded and not done.n_held:
        messages.warning(request, gettext("No customer was chosen."))
