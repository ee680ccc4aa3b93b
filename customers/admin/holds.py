"""Who may not be treated: opt-outs, which staff note and end; control groups, to be read; and who was kept off."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from customers import boundary
from customers.admin import held, panels
from customers.admin.labels import label
from customers.admin.machine import MachineRows, Page
from customers.admin.searching import FindsCustomers
from customers.models import Customer, Hold, Suppression

OPT_OUT = "opt-out"
ENDED_BY_STAFF = (Hold.Kind.OPT_OUT, Hold.Kind.UNSUBSCRIBED)


class InForceFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("today")), ("later", _("later")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        today = held.today()
        wanted = {
            "now": Q(since__lte=today) & (Q(until=None) | Q(until__gt=today)),
            "later": Q(since__gt=today),
            "over": Q(until__lte=today),
        }
        chosen = wanted.get(self.value() or "")
        return queryset.filter(chosen) if chosen else queryset


class OptOutForm(forms.ModelForm):
    """An opt-out, or the end of one; why is always asked for."""

    class Meta:
        model = Hold
        fields = ("customer", "since", "until", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:  # it is not where the row is only read
            self.fields["reason"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since") or self.instance.since, cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", gettext("The end has to lie after the first day."))
        if self.instance.pk is None and cleaned.get("customer"):
            self._refuse_second(cleaned["customer"])
        return cleaned

    def _refuse_second(self, customer: Customer) -> None:
        known = Hold.objects.filter(customer=customer, source=OPT_OUT).first()
        if known is not None:
            facts = {"customer": customer, "since": known.since}
            text = gettext("%(customer)s has an opt-out since %(since)s; open that one and change its dates.") % facts
            raise ValidationError({"customer": text})


@admin.register(Hold)
class HoldAdmin(held.NamesSources, FindsCustomers, Page):
    """Staff add opt-outs, and end them or what an unsubscribing began; what an experiment holds is only read."""

    customer_path = "customer"
    form = OptOutForm
    list_display = ("customer", "kind_label", "source_title", "since", "until", "reason")
    list_select_related = ("customer",)
    list_filter = (InForceFilter, "kind", ("since", RangeDateFilter))
    list_filter_submit = True
    own_ids = ("source",)
    search_help_text = _("The beginning of a customer ID or of a name, or who holds the customer back.")
    ordering = ("-since", "-pk")
    autocomplete_fields = ("customer",)
    fields = ("customer", "kind", "source_title", "since", "until", "reason", "created_at")
    add_fieldsets = ((None, {"fields": ("customer", "since", "until", "reason")}),)
    actions = None
    empty_title = _("Nobody is held back")
    empty_message = _(
        "Add a customer who wants no more measures; control groups and unsubscribed customers come by themselves."
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Hold | None = None) -> Any:
        if obj is None:
            return ()
        always = ("customer", "kind", "source_title", "created_at")
        return always if obj.kind == Hold.Kind.OPT_OUT else (*always, "since")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"since": held.today(), **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Hold | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.kind in ENDED_BY_STAFF)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:
        if not change:
            obj.kind, obj.source = Hold.Kind.OPT_OUT, OPT_OUT
        super().save_model(request, obj, form, change)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_label(self, hold: Hold) -> str:
        return label(hold.kind, hold.get_kind_display(), held.VARIANTS)


@admin.register(Suppression)
class SuppressionAdmin(held.NamesSources, FindsCustomers, MachineRows):
    customer_path = "customer"
    list_display = ("suppressed_on", "customer", "kind_label", "source_title", "outlet")
    fields = ("suppressed_on", "customer", "kind", "source_title", "outlet")
    readonly_fields = ("source_title",)
    list_select_related = ("customer",)
    list_filter = ("kind", "outlet", ("suppressed_on", RangeDateFilter))
    list_filter_submit = True
    own_ids = ("source",)
    search_help_text = _("The beginning of a customer ID or of a name, or who held the customer back.")
    ordering = ("-suppressed_on", "-pk")
    empty_title = _("Nobody was kept off a list yet")
    empty_message = _("Each time a customer would have been on a list and is held back, a row comes here.")

    @admin.display(description=_("kind"), ordering="kind")
    def kind_label(self, row: Suppression) -> str:
        return label(row.kind, row.get_kind_display(), held.VARIANTS)


def _panel(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    holds = boundary.in_force(on=held.today()).filter(customer=customer)
    return {
        "held_marks": [held.mark(boundary.Held(kind=one.kind, source=one.source, until=one.until)) for one in holds]
    }


panels.register(
    panels.Panel(name="held", position=1, template="admin/customers/panels/held.html", context=_panel, tab=panels.EVERY)
)
