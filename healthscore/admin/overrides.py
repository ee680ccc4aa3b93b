"""Grades set by staff: with a reason and an end, beside the computed grade."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action

from customers.admin.confirm import ask
from customers.admin.labels import label
from customers.admin.machine import Page
from customers.admin.searching import FindsCustomers
from customers.clock import business_date
from customers.commands import Refused
from customers.models import Customer
from healthscore import overrides
from healthscore.admin import beside, shown
from healthscore.models import HealthScore, Override

__all__ = ["OverrideAdmin", "end"]

VERDICTS = {"right": "success", "wrong": "danger", "undecided": ""}
DAYS = 30


class InForceFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("now")), ("later", _("later")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> QuerySet[Override]:
        today = business_date()
        wanted = {
            "now": Q(starts_on__lte=today, expires_on__gt=today),
            "later": Q(starts_on__gt=today),
            "over": Q(expires_on__lte=today),
        }
        chosen = wanted.get(self.value() or "")
        return queryset.filter(chosen) if chosen else queryset


class OverrideForm(forms.ModelForm):
    """A grade for a customer; one at a time."""

    class Meta:
        model = Override
        fields = ("customer", "grade", "reason", "starts_on", "expires_on")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("expires_on")
        if starts and ends and ends <= starts:
            self.add_error("expires_on", gettext("The end has to lie after the first day."))
        elif starts and ends and cleaned.get("customer"):
            self._refuse_second(cleaned["customer"], starts, ends)
        return cleaned

    def _refuse_second(self, customer: Customer, starts: dt.date, ends: dt.date) -> None:
        Customer.objects.select_for_update().get(pk=customer.pk)  # two forms at once: the second sees the first's row
        other = Override.objects.filter(customer=customer, starts_on__lt=ends, expires_on__gt=starts).first()
        if other is not None:
            facts = {"grade": other.get_grade_display(), "until": date_format(other.expires_on)}
            text = gettext("There is one already, “%(grade)s” until %(until)s; end it first.") % facts
            self.add_error("customer", text)


def end(override: Override, *, on: dt.date) -> Override:
    """Let it hold no longer from a date on; one that begins on that date or later holds for its first day only."""
    last = max(on, override.starts_on + dt.timedelta(days=1))
    if override.expires_on <= last:
        raise Refused(gettext("It ends on %(day)s anyway.") % {"day": date_format(override.expires_on)})
    override.expires_on = last
    override.save(update_fields=["expires_on"])
    return override


@admin.register(Override)
class OverrideAdmin(FindsCustomers, Page):
    """Set once and ended, never rewritten: its rightness is looked up later."""

    customer_path = "customer"
    form = OverrideForm
    list_display = (
        "who",
        "grade_shown",
        "computed_shown",
        "starts_on",
        "expires_on",
        "reason",
        "created_by",
        "verdict_shown",
    )
    list_filter = (InForceFilter, "grade", "verdict", ("starts_on", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("customer", "created_by")
    list_display_links = ("grade_shown",)
    ordering = ("-starts_on", "-pk")
    autocomplete_fields = ("customer",)
    fields = (
        ("who", "grade_shown", "computed_shown"),
        "reason",
        ("starts_on", "expires_on"),
        ("created_by", "created_at"),
        ("verdict_shown", "judged_on"),
        "verdict_told",
    )
    readonly_fields = ("who", "grade_shown", "computed_shown", "verdict_shown", "verdict_told")
    add_fieldsets = ((None, {"fields": ("customer", "grade", "reason", ("starts_on", "expires_on"))}),)
    actions = None
    actions_detail = ("end_now",)
    empty_title = _("No grade was set by hand")
    empty_message = _(
        "Where you know more than the data, set a grade with a reason and an end; it stands beside the computed one."
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else super().get_readonly_fields(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = business_date()
        dates = {"starts_on": today, "expires_on": today + dt.timedelta(days=DAYS)}
        return {**dates, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("healthscore.change_override"))

    def save_model(self, request: HttpRequest, obj: Override, form: Any, change: bool) -> None:
        latest = beside.latest_day()
        found = HealthScore.objects.filter(customer=obj.customer, as_of=latest.as_of).first() if latest else None
        obj.computed_grade = found.grade if found else ""
        obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    @action(description=_("End now"), icon="event_busy", permissions=["end"], url_path="end")
    def end_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_end_permission(request):
            raise PermissionDenied
        override = self.row_or_404(request, object_id)
        return ask(
            page=self,
            request=request,
            title=_("End now"),
            question=_("The computed grade stands alone again. The override is kept, with its reason."),
            button=_("End now"),
            back=reverse("admin:healthscore_override_change", args=[override.pk]),
            work=lambda _reason: self._end(request, override),
        )

    def _end(self, request: HttpRequest, override: Override) -> str:
        end(override, on=business_date())
        self.log_change(request, override, "ended")
        return gettext("It ends on %(day)s.") % {"day": date_format(override.expires_on)}

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def who(self, row: Override) -> Any:
        url = shown.card_url(row.customer_id)
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.customer)

    @admin.display(description=_("grade"), ordering="grade")
    def grade_shown(self, row: Override) -> str:
        return shown.grade(row.grade)

    @admin.display(description=_("computed grade then"), ordering="computed_grade")
    def computed_shown(self, row: Override) -> str:
        return shown.grade(row.computed_grade)

    @admin.display(description=_("was it right"), ordering="verdict")
    def verdict_shown(self, row: Override) -> str:
        return label(row.verdict, row.get_verdict_display(), VERDICTS) if row.verdict else gettext("not known yet")

    @admin.display(description=_("why"))
    def verdict_told(self, row: Override) -> str:
        return overrides.verdict_told(row) or "–"
