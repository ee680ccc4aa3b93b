"""Webhooks and every delivery, which staff can have sent again."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminURLInputWidget

from customers import outbox, sending, webhooks
from customers.admin.confirm import ask
from customers.admin.labels import label
from customers.admin.machine import MachineRows, Page
from customers.api.webhooks import KINDS
from customers.joining import listed
from customers.models import Delivery, Event, Webhook

STATES = {"waiting": "info", "delivered": "success", "failed": "danger"}


class WebhookForm(forms.ModelForm):
    """Where events go, and which."""

    url = forms.URLField(
        label=_("address"),
        help_text=_("Where events are sent to by POST, over HTTPS."),
        max_length=500,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
    )
    kinds = forms.MultipleChoiceField(label=_("events"), choices=KINDS, widget=UnfoldAdminCheckboxSelectMultipleWidget)

    class Meta:
        model = Webhook
        fields = ("url", "description", "kinds", "is_active")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if why_not := sending.check(url):
            raise forms.ValidationError(why_not)
        return url


@admin.register(Webhook)
class WebhookAdmin(Page):
    form = WebhookForm
    list_display = ("__str__", "url", "kind_names", "is_active", "created_by", "created_at")
    list_select_related = ("created_by",)
    list_filter = ("is_active",)
    search_fields = ("url", "description")
    fields = ("url", "description", "kinds", "is_active")
    actions = None
    actions_detail = ("send_test", "see_deliveries", "replace_secret")
    empty_title = _("No other system listens yet")
    empty_message = _("Add the address of a system that is to hear of new risks, alerts, lists and results.")

    def has_replace_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("customers.change_webhook"))

    def has_deliveries_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("customers.view_delivery"))

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        if not change:
            obj.secret, obj.created_by_id = webhooks.fresh_secret(), request.user.pk
        super().save_model(request, obj, form, change)
        if not change:
            _show_once(request, obj.secret)

    @action(description=_("Send a test"), icon="send", permissions=["replace"], url_path="test")
    def send_test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        webhook = self.row_or_404(request, object_id)
        return ask(
            page=self,
            request=request,
            title=gettext("Send a test"),
            question=gettext("An event of the kind “test” goes to this webhook; its deliveries show the answer."),
            button=gettext("Send a test"),
            back=_deliveries(webhook),
            work=lambda _reason: _tested(webhook),
        )

    @action(description=_("Deliveries"), icon="outbox", permissions=["deliveries"], url_path="deliveries")
    def see_deliveries(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(_deliveries(self.row_or_404(request, object_id)))

    @action(description=_("Replace the secret"), icon="autorenew", permissions=["replace"], url_path="replace-secret")
    def replace_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        webhook = self.row_or_404(request, object_id)
        return ask(
            page=self,
            request=request,
            title=gettext("Replace the secret"),
            question=gettext("A new secret is made and shown once; for seven days events are signed with both."),
            button=gettext("Replace the secret"),
            back=reverse("admin:customers_webhook_change", args=[webhook.pk]),
            work=lambda _reason: _replaced(request, webhook),
        )

    @admin.display(description=_("events"))
    def kind_names(self, webhook: Webhook) -> str:
        return listed(Event.Kind(kind).label for kind in webhook.kinds)


CAUSES = (
    gettext_noop("address not allowed"),
    gettext_noop("name not found"),
    gettext_noop("no answer in time"),
    gettext_noop("no valid certificate"),
)
"""What `customers.sending` says of an event that could not be sent."""


@admin.register(Delivery)
class DeliveryAdmin(MachineRows):
    list_display = ("happened_at", "kind", "webhook", "state_label", "n_attempts", "answer", "cause", "next_attempt")
    list_select_related = ("event", "webhook")
    list_filter = ("state", "event__kind", "webhook")
    list_filter_submit = True
    fields = ("webhook", "kind", "happened_at", "data", "state_label", "n_attempts", "answer", "cause", "delivered_at")
    readonly_fields = ("kind", "happened_at", "data", "state_label", "answer", "cause")
    actions = ("send_again",)
    empty_title = _("Nothing was sent yet")
    empty_message = _("Each event that a webhook asked for comes here, with what came of it.")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("customers.change_webhook"))

    @admin.action(description=_("Send again"), permissions=["replay"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        n = webhooks.replay(Delivery.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))))
        messages.success(request, ngettext("%(n)d is sent again.", "%(n)d are sent again.", n) % {"n": n})

    @admin.display(description=_("happened at"))
    def happened_at(self, row: Delivery) -> Any:
        return row.event.happened_at

    @admin.display(description=_("event"))
    def kind(self, row: Delivery) -> str:
        return str(row.event.get_kind_display())

    @admin.display(description=_("data"))
    def data(self, row: Delivery) -> str:
        return format_html("<pre>{}</pre>", json.dumps(row.event.data, ensure_ascii=False, indent=1))

    @admin.display(description=_("state"), ordering="state")
    def state_label(self, row: Delivery) -> str:
        return label(row.state, row.get_state_display(), STATES)

    @admin.display(description=_("HTTP status"), ordering="status")
    def answer(self, row: Delivery) -> int | None:
        return row.status

    @admin.display(description=_("error"))
    def cause(self, row: Delivery) -> str:
        """Ours in the reader's language, any other as it came."""
        return gettext(row.error) if row.error in CAUSES else row.error

    @admin.display(description=_("next attempt at"))
    def next_attempt(self, row: Delivery) -> Any:
        return row.next_attempt_at if row.state == Delivery.State.WAITING else None


def _deliveries(webhook: Webhook) -> str:
    return f"{reverse('admin:customers_delivery_changelist')}?webhook__id__exact={webhook.pk}"


def _show_once(request: HttpRequest, secret: str) -> None:
    said = gettext("This is the secret. Copy it now: it is not shown again.")
    messages.success(request, format_html("{} <code>{}</code>", said, secret))


def _tested(webhook: Webhook) -> str:
    outbox.emit_to(webhook, outbox.Kind.TEST, {})
    return gettext("The test is on its way.")


def _replaced(request: HttpRequest, webhook: Webhook) -> str:
    _show_once(request, webhooks.rotate(webhook).secret)
    return gettext("For seven days events are signed with both secrets.")
