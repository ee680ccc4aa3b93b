"""Webhooks: which system hears of what. The secret is told when a webhook is made, and when it is replaced."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers import sending, webhooks
from customers.models import Event, Webhook
from customers.rest import pages
from customers.rest.problems import Unprocessable
from customers.rest.rules import Rule
from customers.rest.schema import paged
from customers.rest.strict import Strict
from customers.rest.views import Endpoint

KINDS = [choice for choice in Event.Kind.choices if choice[0] != Event.Kind.TEST]


class WebhookBody(Strict):
    """A new webhook."""

    url = serializers.URLField(max_length=500, help_text=_("Where events are sent to by POST, over HTTPS."))
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS),
        min_length=1,
        max_length=len(KINDS),
        help_text=_("Which kinds of events it gets."),
    )
    description = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")

    def validate_kinds(self, kinds: list[str]) -> list[str]:
        """Each once."""
        return sorted(set(kinds))


class WebhookAnswer(serializers.Serializer):
    """A webhook, without its secret."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class MadeWebhook(WebhookAnswer):
    """A webhook just made, with its secret, which is not told again."""

    secret = serializers.CharField(help_text=_("Events are signed with it; it is told now and not again."))


class Webhooks(Endpoint):
    """The webhooks, and a new one."""

    rules = {"GET": Rule(permission="customers.view_webhook"), "POST": Rule(permission="customers.add_webhook")}
    parameters = {"GET": pages.PageQuery}
    body = {"POST": WebhookBody}
    answers = {"GET": {200: paged(WebhookAnswer)}, "POST": {201: MadeWebhook}}

    def get(self, request: Request) -> HttpResponse:
        """The webhooks, the newest first."""
        order = ("-created_at", "id")
        found = pages.page(Webhook.objects.all(), request=request, query=self.query, order=order, shown=_shown)
        return Response(found)

    def post(self, request: Request) -> HttpResponse:
        """A new webhook; the answer has its secret, which is told now and not again."""
        sent = self.checked(request)
        if why_not := sending.check(sent["url"]):
            raise Unprocessable({"url": [why_not]})
        made = webhooks.make(**sent, user=request.user)
        headers = {"Location": f"/api/v1/webhooks/{made.pk}/"}
        return Response(dict(MadeWebhook(made).data), status=201, headers=headers)


class WebhookDetail(Endpoint):
    """One webhook."""

    rules = {"GET": Rule(permission="customers.view_webhook"), "DELETE": Rule(permission="customers.delete_webhook")}
    answers = {"GET": {200: WebhookAnswer}, "DELETE": {204: None}}

    def get(self, request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - as the address names it
        """One webhook, without its secret."""
        return Response(dict(WebhookAnswer(get_object_or_404(Webhook, pk=id)).data))

    def delete(self, request: Request, id: UUID) -> HttpResponse:  # noqa: A002
        """No more events go there; what still waited for it is not sent."""
        get_object_or_404(Webhook, pk=id).delete()
        return Response(status=204)


def _shown(found: Any) -> list[Any]:
    return [dict(WebhookAnswer(one).data) for one in found]
