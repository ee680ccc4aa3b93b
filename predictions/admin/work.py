"""What staff do with the chosen rows of the risk list: take them on, let them go, note what was done."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from customers import cases
from customers.admin import measuring
from customers.commands import Refused
from predictions.models import Prediction

__all__ = ["MEASURES", "WorkActions"]

MEASURES = "predictions.risktoday.intervention"


class WorkActions(ModelAdmin):
    """The actions on chosen rows, each for those who may."""

    def has_take_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("customers.add_assignee"))

    def has_measure_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(measuring.ADD))

    @admin.action(description=gettext_lazy("Assign to me"), permissions=["take"])
    def assign_to_me(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> None:
        try:
            taken = cases.take(_customers(queryset), user=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return
        for n, text in (
            (taken.n_new, ngettext("%(n)s customer is yours now.", "%(n)s customers are yours now.", taken.n_new)),
            (taken.n_mine, ngettext("%(n)s was yours already.", "%(n)s were yours already.", taken.n_mine)),
        ):
            if n:
                messages.success(request, text % {"n": n})
        if taken.n_others:
            text = ngettext(
                "%(n)s stays with whoever looks after it; take it over on its page if it is to be yours.",
                "%(n)s stay with those who look after them; take one over on its page if it is to be yours.",
                taken.n_others,
            )
            messages.warning(request, text % {"n": taken.n_others})

    @admin.action(description=gettext_lazy("Release what is mine"), permissions=["take"])
    def release(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> None:
        try:
            n = cases.release(_customers(queryset), user=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return
        if n:
            messages.success(request, ngettext("%(n)s is released.", "%(n)s are released.", n) % {"n": n})
        else:
            messages.warning(request, _("None of these was yours."))

    @admin.action(description=gettext_lazy("Record an intervention"), permissions=["measure"])
    def record_intervention(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> HttpResponse | None:
        return measuring.ask_for_measure(
            self, request, queryset, customer="customer", action="record_intervention", outlet=MEASURES
        )


def _customers(rows: QuerySet[Prediction]) -> Any:
    return rows.order_by().values_list("customer", flat=True).iterator()
