"""The measures that were taken: reported by the CRM, or noted by staff after the boundary was asked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers import boundary, unsubscribed
from customers.admin import held
from customers.admin.events import DaysFilter
from customers.admin.exporting import Column, Exports
from customers.admin.filters import TextValuesFilter
from customers.admin.machine import Page
from customers.admin.searching import FindsCustomers
from customers.clock import business_now
from customers.measures import day_of, new_id
from customers.models import Customer, Intervention

__all__ = ["OUTLET", "InterventionAdmin"]

OUTLET = "customers.intervention"


class InterventionForm(forms.ModelForm):
    """A measure of a customer who is held back that day is refused, unless it was taken all the same."""

    took_place = forms.BooleanField(
        label=_("It took place all the same"),
        required=False,
        help_text=_(
            "Only for a customer who is held back: what was done has to be known, and counts as contamination of an "
            "experiment."
        ),
    )

    class Meta:
        model = Intervention
        fields = ("customer", "kind", "channel", "occurred_at", "cost", "note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        customer, moment = cleaned.get("customer"), cleaned.get("occurred_at")
        if self.instance.pk is None and customer and moment and not cleaned.get("took_place"):
            self._ask(customer, moment)
        return cleaned

    def _ask(self, customer: Customer, moment: Any) -> None:
        on = day_of(moment)
        unsubscribed.note()
        why = boundary.why_held([customer.pk], on=on).get(customer.pk)
        if why is None:
            return
        boundary.suppress(Customer.objects.filter(pk=customer.pk), outlet=OUTLET, on=on, customer="pk")
        text = gettext("%(customer)s is not to be treated that day: %(why)s. Nothing was recorded.")
        raise ValidationError({"customer": text % {"customer": customer, "why": held.told(why)}})


@admin.register(Intervention)
class InterventionAdmin(Exports, FindsCustomers, Page):
    """Staff may note a measure; one that the CRM reported comes with its own ID."""

    customer_path = "customer"
    form = InterventionForm
    list_display = ("customer", "kind", "channel", "occurred_at", "cost", "recorded_by")
    list_select_related = ("customer", "recorded_by")
    list_filter = (("kind", TextValuesFilter), ("channel", TextValuesFilter), ("occurred_at", DaysFilter))
    list_filter_submit = True
    own_ids = ("intervention_id",)
    search_help_text = _("The beginning of a customer ID or of a name, or a whole intervention ID.")
    ordering = ("-occurred_at",)
    autocomplete_fields = ("customer",)
    fields = ("customer", "kind", "channel", "occurred_at", "cost", "note")
    add_fieldsets = ((None, {"fields": (*fields, "took_place")}),)
    export_name = "interventions"
    export_columns = (
        Column("intervention_id", lambda row: row.intervention_id),
        Column("customer_id", lambda row: row.customer.customer_id),
        Column("occurred_at", lambda row: row.occurred_at),
        Column("kind", lambda row: row.kind),
        Column("channel", lambda row: row.channel),
        Column("cost", lambda row: row.cost),
        Column("note", lambda row: row.note, is_personal=True),
        Column("recorded_by", lambda row: str(row.recorded_by or "")),
    )
    empty_title = _("No measures noted yet")
    empty_message = _("Note here what was done to keep a customer: a coupon, a call, an e-mail.")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"occurred_at": business_now(), **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_add(
        self, request: HttpRequest, obj: Intervention, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the customer's page, for whoever came from there."""
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        is_plain = "_addanother" not in request.POST and "_continue" not in request.POST
        if request.GET.get("customer") and is_plain:
            return HttpResponseRedirect(reverse("admin:customers_customer_change", args=[obj.customer_id]))
        return response

    def save_model(self, request: HttpRequest, obj: Intervention, form: Any, change: bool) -> None:
        if not change:
            obj.intervention_id = obj.intervention_id or new_id()
            obj.recorded_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
