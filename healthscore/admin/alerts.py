"""Alerts: what calls for a look, taken up by whom; a click closes one that is dealt with."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action

from customers.admin import held
from customers.admin.confirm import ask
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.admin.searching import FindsCustomers
from customers.commands import Refused
from healthscore import alert_life, words
from healthscore.admin import shown
from healthscore.dimensions.alerts import ALERTS
from healthscore.models import HealthAlert

__all__ = ["HealthAlertAdmin", "close"]

SEVERITIES = {"high": "danger", "medium": "warning"}
STATES = {"open": "warning", "acknowledged": "info", "closed": ""}
ACKNOWLEDGE = "healthscore.acknowledge_healthalert"
State = HealthAlert.State


class CodeFilter(admin.SimpleListFilter):
    title = _("alert")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(alert.code, words.alert_title(alert.code)) for alert in ALERTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[HealthAlert]) -> QuerySet[HealthAlert]:
        return queryset.filter(code=self.value()) if self.value() else queryset


def close(*, alerts: Iterable[HealthAlert], user: Any, on: dt.date) -> int:
    """Staff say that it is dealt with: who and when are kept. Where it still holds, the next day opens it again."""
    keys = [alert.pk for alert in alerts]
    now = timezone.now()
    with transaction.atomic():
        rows = HealthAlert.objects.filter(pk__in=keys).exclude(state=State.CLOSED)
        rows.filter(acknowledged_at=None).update(acknowledged_by=user, acknowledged_at=now)
        return rows.update(state=State.CLOSED, closed_on=on)


@admin.register(HealthAlert)
class HealthAlertAdmin(FindsCustomers, held.MarksHeld, MachineRows):
    list_display = (
        "who",
        "title",
        "message",
        "severity_shown",
        "state_shown",
        "opened_on",
        "held_on",
        "acknowledged_by",
        "may_be_treated",
    )
    list_display_links = ("title",)
    list_filter = ("state", CodeFilter, "severity", held.TreatableFilter, ("opened_on", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("customer", "acknowledged_by")
    ordering = ("-opened_on", "-pk")
    actions = ("acknowledge", "close")
    actions_detail = ("acknowledge_one", "close_one")
    fields = (
        ("who", "title"),
        "message",
        ("severity_shown", "state_shown"),
        ("opened_on", "held_on", "closed_on"),
        ("acknowledged_by", "acknowledged_at"),
        "may_be_treated",
    )
    readonly_fields = ("who", "title", "message", "severity_shown", "state_shown", "may_be_treated")
    empty_title = _("No alert was ever opened")
    empty_message = _("Alerts come with the health score: a score that drops, a bill or a ticket that is overdue.")

    def has_acknowledge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(ACKNOWLEDGE))

    @action(description=_("Acknowledge"), permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[HealthAlert]) -> None:
        n = alert_life.acknowledge(alerts=queryset, user=request.user)
        self._log(request, queryset, "acknowledged")
        self.message_user(request, _acknowledged(n), messages.SUCCESS)

    @action(description=_("Close"), permissions=["acknowledge"])
    def close(self, request: HttpRequest, queryset: QuerySet[HealthAlert]) -> None:
        n = close(alerts=queryset, user=request.user, on=_day())
        self._log(request, queryset, "closed")
        self.message_user(request, _closed(n), messages.SUCCESS)

    @action(description=_("Acknowledge"), icon="front_hand", permissions=["acknowledge"], url_path="acknowledge")
    def acknowledge_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("Others see that you have taken it up. It closes by itself once it no longer holds.")
        return self._ask(request, object_id, _("Acknowledge"), question, self._acknowledge_one)

    @action(description=_("Close"), icon="task_alt", permissions=["acknowledge"], url_path="close")
    def close_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("It is dealt with. Where it still holds at the next computation, it is opened again.")
        return self._ask(request, object_id, _("Close"), question, self._close_one)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """What the alert's state still allows."""
        alert = self.get_queryset(request).filter(pk=object_id).only("state").first()
        over = {"acknowledge_one": (State.ACKNOWLEDGED, State.CLOSED), "close_one": (State.CLOSED,)}
        if alert is None:
            return []
        left_out = tuple(name for name, states in over.items() if alert.state in states)
        return [one for one in super().get_actions_detail(request, object_id) if not one.action_name.endswith(left_out)]

    def _ask(self, request: HttpRequest, object_id: str, title: Any, question: Any, work: Any) -> HttpResponse:
        if not self.has_acknowledge_permission(request):
            raise PermissionDenied
        alert = self.row_or_404(request, object_id)
        return ask(
            page=self,
            request=request,
            title=title,
            question=question,
            button=title,
            back=reverse("admin:healthscore_healthalert_change", args=[alert.pk]),
            work=lambda _reason: work(request, alert),
        )

    def _acknowledge_one(self, request: HttpRequest, alert: HealthAlert) -> str:
        if not (n := alert_life.acknowledge(alerts=[alert], user=request.user)):
            raise Refused(gettext("It is closed, or somebody has taken it up already."))
        self._log(request, [alert], "acknowledged")
        return _acknowledged(n)

    def _close_one(self, request: HttpRequest, alert: HealthAlert) -> str:
        if not (n := close(alerts=[alert], user=request.user, on=_day())):
            raise Refused(gettext("It is closed already."))
        self._log(request, [alert], "closed")
        return _closed(n)

    def _log(self, request: HttpRequest, alerts: Iterable[HealthAlert], done: str) -> None:
        for alert in alerts:
            self.log_change(request, alert, done)

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def who(self, alert: HealthAlert) -> Any:
        url = shown.card_url(alert.customer_id)
        return format_html('<a class="text-link" href="{}">{}</a>', url, alert.customer)

    @admin.display(description=_("alert"), ordering="code")
    def title(self, alert: HealthAlert) -> str:
        return words.alert_title(alert.code)

    @admin.display(description=_("what was found"))
    def message(self, alert: HealthAlert) -> str:
        return words.alert_message(alert.code, value=alert.value, threshold=alert.threshold, detail=alert.detail)

    @admin.display(description=_("severity"), ordering="severity")
    def severity_shown(self, alert: HealthAlert) -> str:
        return label(alert.severity, alert.get_severity_display(), SEVERITIES)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, alert: HealthAlert) -> str:
        return label(alert.state, alert.get_state_display(), STATES)


def _day() -> dt.date:
    """The date as of which alerts stand."""
    return alert_life.last_followed() or held.today()


def _acknowledged(n: int) -> str:
    return ngettext("%(n)s alert is taken up.", "%(n)s alerts are taken up.", n) % {"n": n}


def _closed(n: int) -> str:
    return ngettext("%(n)s alert is closed.", "%(n)s alerts are closed.", n) % {"n": n}
