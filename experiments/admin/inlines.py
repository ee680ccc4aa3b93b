"""Arms, conditions and changes of state on the page of their experiment."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline

from customers.admin.machine import MachineInline
from experiments import draft
from experiments.admin.fields import as_percent
from experiments.admin.forms import ArmForm, ArmFormSet, ConditionForm
from experiments.models import Arm, Condition, Experiment, StateChange

__all__ = ["ArmInline", "ConditionInline", "StateChangeInline"]


class DraftInline(TabularInline):
    """Rows of a draft's configuration: whoever may write the experiment may write them, until it starts."""

    extra = 0
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return self._may(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return bool(request.user.has_perm("experiments.view_experiment")) or self._may(request, obj)

    def _may(self, request: HttpRequest, obj: Experiment | None) -> bool:
        what = "change" if obj and obj.pk else "add"
        is_open = obj is None or obj.state == Experiment.State.DRAFT
        return is_open and bool(request.user.has_perm(f"experiments.{what}_experiment"))


class ArmInline(DraftInline):
    model = Arm
    form = ArmForm
    formset = ArmFormSet
    min_num = 2
    verbose_name_plural = gettext_lazy("Arms: the first is the control group, which gets nothing")
    readonly_fields = ("role", "share_shown", "measure_shown")

    def get_fields(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        if self._may(request, obj):
            return ("role", "name", "share", "measure")
        return ("role", "name", "share_shown", "measure_shown")

    def proposed(self) -> list[dict[str, Any]]:
        """The arms of a new experiment."""
        return [{"name": arm["name"], "share": as_percent(arm["share"])} for arm in draft.proposed_arms()]

    @admin.display(description=gettext_lazy("role"))
    def role(self, arm: Arm) -> str:
        return _("control group") if arm.is_control else _("gets a measure")

    @admin.display(description=gettext_lazy("share"))
    def share_shown(self, arm: Arm) -> str:
        return f"{as_percent(arm.share)} %"

    @admin.display(description=gettext_lazy("what is done"))
    def measure_shown(self, arm: Arm) -> str:
        return arm.measure or "–"


class ConditionInline(DraftInline):
    model = Condition
    form = ConditionForm
    verbose_name_plural = gettext_lazy("Conditions: only customers who meet all of them")
    readonly_fields = ("values_shown",)

    def get_fields(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        return ("attribute", "operator", "values" if self._may(request, obj) else "values_shown")

    @admin.display(description=gettext_lazy("values"))
    def values_shown(self, condition: Condition) -> str:
        return ", ".join(map(str, condition.values))


class StateChangeInline(MachineInline):
    model = StateChange
    fields = ("changed_at", "from_state", "to_state", "changed_by", "reason")
    readonly_fields = ("changed_at",)
    verbose_name_plural = gettext_lazy("Changes of state")

    def has_view_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return bool(request.user.has_perm("experiments.view_experiment"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("changed_by")
