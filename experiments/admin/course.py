"""Who is in which experiment, whose turn came, what became of them, and what was concluded: to be read only."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from customers.admin.events import DaysFilter
from customers.admin.held import MarksHeld
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.admin.searching import FindsCustomers
from experiments.admin.experiments import STATES, VERDICTS
from experiments.admin.sentences import sentence
from experiments.models import Analysis, Assignment, Experiment, Listing, Outcome, StateChange
from predictions.admin.customer_panels import VARIANTS

__all__ = ["AnalysisAdmin", "AssignmentAdmin", "ListingAdmin", "OutcomeAdmin", "StateChangeAdmin"]

STATUSES = {"retained": "success", "churned": "danger"}


class CourseAdmin(MachineRows):
    """Long lists."""

    list_filter_submit = True

    def _link(self, assignment: Assignment) -> Any:
        url = reverse("admin:customers_customer_change", args=[assignment.customer_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, assignment.customer)


@admin.register(Assignment)
class AssignmentAdmin(FindsCustomers, MarksHeld, CourseAdmin):
    list_display = ("enrolled_on", "experiment", "who", "arm", "may_be_treated", "chance", "level", "status")
    list_filter = ("experiment", "arm__is_control", "risk_level", ("enrolled_on", RangeDateFilter))
    list_select_related = ("experiment", "customer", "arm", "outcome")
    fields = (
        ("experiment", "who"),
        ("arm", "enrolled_on"),
        ("u", "stratum"),
        ("chance", "level"),
        ("customer_type", "model"),
        ("monthly_value", "layer"),
        ("is_current", "status"),
        "may_be_treated",
    )
    readonly_fields = ("who", "chance", "level", "status", "may_be_treated")
    empty_title = _("Nobody is enrolled yet")
    empty_message = _("A running experiment enrols its customers after each day's scoring, or at once by “Enrol now”.")

    @admin.display(description=_("customer"))
    def who(self, row: Assignment) -> Any:
        return self._link(row)

    @admin.display(description=_("probability"), ordering="probability")
    def chance(self, row: Assignment) -> str:
        return f"{row.probability:.1%}"

    @admin.display(description=_("risk level"), ordering="probability")
    def level(self, row: Assignment) -> str:
        return label(row.risk_level, row.get_risk_level_display(), VARIANTS)

    @admin.display(description=_("outcome"))
    def status(self, row: Assignment) -> str:
        outcome = getattr(row, "outcome", None)
        return label(outcome.status, outcome.get_status_display(), STATUSES) if outcome else "–"


@admin.register(Listing)
class ListingAdmin(FindsCustomers, MarksHeld, CourseAdmin):
    customer_path = "assignment__customer"
    list_display = ("listed_on", "experiment", "who", "arm", "is_ghost", "may_be_treated", "listed_at")
    list_filter = ("is_ghost", "assignment__experiment", ("listed_on", RangeDateFilter))
    list_select_related = ("assignment__experiment", "assignment__customer", "arm")
    fields = (("experiment", "who"), ("arm", "is_ghost"), ("listed_on", "listed_at"), "may_be_treated")
    readonly_fields = ("experiment", "who", "may_be_treated")
    empty_title = _("Nobody's turn has come yet")
    empty_message = _(
        "The list of treatments of each day is kept here, with the ghosts: control customers who got none."
    )

    @admin.display(description=_("experiment"), ordering="assignment__experiment")
    def experiment(self, row: Listing) -> Experiment:
        return row.assignment.experiment

    @admin.display(description=_("customer"))
    def who(self, row: Listing) -> Any:
        return self._link(row.assignment)


@admin.register(Outcome)
class OutcomeAdmin(FindsCustomers, CourseAdmin):
    customer_path = "assignment__customer"
    list_display = (
        *("experiment", "who", "arm", "status_label", "n_purchases", "amount", "n_active_days", "first_treated_at"),
        "n_corrections",
    )
    list_filter = ("status", "assignment__experiment", "assignment__arm__is_control")
    list_select_related = ("assignment__experiment", "assignment__customer", "assignment__arm")
    ordering = ("-assignment",)
    fields = (
        ("experiment", "who"),
        ("arm", "status_label"),
        ("n_purchases", "n_purchases_before"),
        ("amount", "amount_before"),
        ("n_active_days", "n_active_days_before"),
        ("n_complaints", "n_unsubscribes"),
        ("first_treated_at", "treatment_cost"),
        ("n_corrections", "observed_at"),
    )
    readonly_fields = ("experiment", "who", "arm", "status_label")
    empty_title = _("No outcome is known yet")
    empty_message = _("An outcome is known once a customer's observation days are over; until then it is unknown.")

    @admin.display(description=_("experiment"), ordering="assignment__experiment")
    def experiment(self, row: Outcome) -> Experiment:
        return row.assignment.experiment

    @admin.display(description=_("customer"))
    def who(self, row: Outcome) -> Any:
        return self._link(row.assignment)

    @admin.display(description=_("arm"))
    def arm(self, row: Outcome) -> Any:
        return row.assignment.arm

    @admin.display(description=_("status"), ordering="status")
    def status_label(self, row: Outcome) -> str:
        return label(row.status, row.get_status_display(), STATUSES)


@admin.register(Analysis)
class AnalysisAdmin(MachineRows):
    is_for_all_sight = True
    list_display = ("as_of", "experiment", "verdict_label", "n_assigned", "n_known", "is_final", "made_by")
    list_filter = ("experiment", "verdict", "is_final", ("as_of", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("experiment", "made_by")
    search_fields = ("experiment__name",)
    search_help_text = _("Words of the experiment's name.")
    fields = (
        ("experiment", "as_of"),
        "sentence",
        ("verdict_label", "is_final"),
        ("n_assigned", "n_known"),
        ("made_at", "made_by"),
        "digest",
    )
    readonly_fields = ("sentence", "verdict_label")
    empty_title = _("Nothing was analysed yet")
    empty_message = _("Running experiments are analysed every day once the first outcomes are known; each stays here.")

    @admin.display(description=_("verdict"), ordering="verdict")
    def verdict_label(self, row: Analysis) -> str:
        return label(row.verdict, row.get_verdict_display(), VERDICTS)

    @admin.display(description=_("verdict"))
    def sentence(self, row: Analysis) -> str:
        return sentence(row)


@admin.register(StateChange)
class StateChangeAdmin(MachineRows):
    list_display = ("changed_at", "experiment", "from_label", "to_label", "changed_by", "reason")
    list_filter = ("to_state", ("changed_at", DaysFilter))
    list_filter_submit = True
    list_select_related = ("experiment", "changed_by")
    search_fields = ("experiment__name", "reason")
    search_help_text = _("Words of the experiment's name or of the reason.")
    ordering = ("-changed_at", "-id")
    fields = (("experiment", "changed_at"), ("from_label", "to_label"), ("changed_by", "reason"))
    readonly_fields = ("from_label", "to_label")
    empty_title = _("No experiment was started yet")
    empty_message = _("Each start, stop, completion and archiving stands here with its author, time and reason.")

    @admin.display(description=_("from"), ordering="from_state")
    def from_label(self, row: StateChange) -> str:
        return label(row.from_state, row.get_from_state_display(), STATES)

    @admin.display(description=_("to"), ordering="to_state")
    def to_label(self, row: StateChange) -> str:
        return label(row.to_state, row.get_to_state_display(), STATES)
