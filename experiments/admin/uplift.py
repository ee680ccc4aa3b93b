"""Whom measures help: the studies of finished experiments, their daily budget, and the lists that they make."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action

from customers.admin.confirm import ask
from customers.admin.held import MarksHeld
from customers.admin.labels import drawn, label
from customers.admin.machine import MachineRows
from customers.admin.searching import FindsCustomers
from customers.commands import Refused
from customers.joining import labelled
from customers.spreadsheet import Format
from customers.visibility import WORK_ON_ALL, check_sees_all, is_limited
from experiments import uplift_lists, uplift_page
from experiments.admin import downloads
from experiments.models import UpliftListing, UpliftStudy
from experiments.uplift_learning import AMOUNT, CHURN
from predictions.models import Prediction

__all__ = ["UpliftListingAdmin", "UpliftStudyAdmin"]

CODES = {"signal": "success", "risk_does": "info", "no_signal": "", "too_few": "warning"}
TITLES = {CHURN: _("staying"), AMOUNT: _("amount")}


@admin.register(UpliftStudy)
class UpliftStudyAdmin(MachineRows):
    """Everything is the machine's but the budget, which staff set where there is a signal."""

    list_display = ("as_of", "experiment", "code_label", "daily_budget", "made_at", "made_by")
    list_filter = ("experiment", "code", ("as_of", RangeDateFilter))
    list_select_related = ("experiment", "made_by")
    fields = (("experiment", "as_of"), ("code_label", "daily_budget"), ("made_at", "made_by"))
    readonly_fields = ("experiment", "as_of", "code_label", "made_at", "made_by")
    of_all = ("code_label", "code")
    actions_on_all = ("make_list",)
    change_form_outer_before_template = "admin/experiments/uplift.html"
    actions_detail = ("make_list", "download_list", "download_list_xlsx")
    empty_title = _("Nothing was learned yet")
    empty_message = _("Once an experiment has ended and its outcomes are known, “Learn whom it helps” on its page.")

    def has_change_permission(self, request: HttpRequest, obj: UpliftStudy | None = None) -> bool:
        may = bool(request.user.has_perm("experiments.change_upliftstudy"))
        return may and obj is not None and obj.code == UpliftStudy.Code.SIGNAL

    def has_make_list_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("experiments.change_upliftstudy"))

    @admin.display(description=_("signal"), ordering="code")
    def code_label(self, found: UpliftStudy) -> str:
        return label(found.code, found.get_code_display(), CODES)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        shown = found is not None and self.has_view_permission(request, found) and not is_limited(request.user)
        extra = {"sections": _sections(found)} if shown and found is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @action(description=_("Make the list"), icon="playlist_add", permissions=["make_list"], url_path="make-list")
    def make_list(self, request: HttpRequest, object_id: str) -> HttpResponse:
        check_sees_all(request.user, WORK_ON_ALL)
        found = get_object_or_404(UpliftStudy, pk=object_id)
        if not self.has_make_list_permission(request):
            raise PermissionDenied
        return ask(
            page=self,
            request=request,
            title=_("Make the list"),
            question=_("Of the latest scores the list is made within the budget a day; held customers are kept off."),
            button=_("Make the list"),
            back=reverse("admin:experiments_upliftstudy_change", args=[found.pk]),
            work=lambda _reason: _make(found),
        )

    @action(description=_("Download the list"), icon="download", permissions=["view"], url_path="download-list")
    def download_list(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._downloaded(object_id, request, Format.CSV)

    @action(
        description=_("Download the list as Excel"),
        icon="table_view",
        permissions=["view"],
        url_path="download-list-xlsx",
    )
    def download_list_xlsx(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self._downloaded(object_id, request, Format.XLSX)

    def _downloaded(self, object_id: str, request: HttpRequest, kind: Format) -> HttpResponseBase:
        return downloads.uplift(self, request, get_object_or_404(UpliftStudy, pk=object_id), kind=kind)


@admin.register(UpliftListing)
class UpliftListingAdmin(FindsCustomers, MarksHeld, MachineRows):
    list_display = ("listed_on", "place", "who", "measure", "gain", "may_be_treated", "study")
    list_filter = ("study__experiment", "arm", ("listed_on", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("study__experiment", "customer", "arm")
    fields = (("study", "listed_on"), ("who", "measure"), ("place", "effect"), ("value", "net"), "may_be_treated")
    readonly_fields = ("who", "measure", "may_be_treated")
    empty_title = _("No list was made yet")
    empty_message = _("A study with a signal makes a list each day once it has a budget.")

    @admin.display(description=_("customer"))
    def who(self, row: UpliftListing) -> Any:
        url = reverse("admin:customers_customer_change", args=[row.customer_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.customer)

    @admin.display(description=_("measure"))
    def measure(self, row: UpliftListing) -> str:
        return str(row.arm) if row.arm else gettext("do not disturb")

    @admin.display(description=_("gain"), ordering="net")
    def gain(self, row: UpliftListing) -> str:
        return "–" if row.net is None else f"{row.net:,.2f}"


def _make(found: UpliftStudy) -> str:
    on = Prediction.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    if on is None:
        raise Refused(gettext("Nobody was scored yet."))
    made = uplift_lists.make(found, on=on)
    return gettext(
        "%(listed)d customers are on the list of %(day)s, %(left)d are not to be disturbed, %(held)d were held back."
    ) % {"listed": made.n_listed, "day": on, "left": made.n_undisturbed, "held": made.n_held}


def _sections(found: UpliftStudy) -> list[Any]:
    """A section an arm and question."""
    return [
        uplift_page.section(question, title=labelled(one["arm"], TITLES[question["name"]]), draw=drawn)
        for one in found.document["arms"]
        for question in one["questions"]
    ]
