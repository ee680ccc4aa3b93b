"""What is told to other systems: events, who wants to hear of them, and every delivery with what came of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Something that happened, stored in the transaction in which it did; deliveries are made from it."""

    class Kind(models.TextChoices):
        RISK_LEVEL_CHANGED = "risk_level.changed", _("risk level changed")
        HEALTH_ALERT = "health.alert", _("health alert")
        TREATMENTS_READY = "treatments.ready", _("treatment list ready")
        EXPERIMENT_FINISHED = "experiment.finished", _("experiment finished")
        TEST = "test", _("test")

    id = models.UUIDField(_("event"), primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    data: Any = models.JSONField(_("data"), help_text=_("Keys and figures; no names."))
    happened_at = models.DateTimeField(_("happened at"), default=timezone.now)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-happened_at"]
        indexes = [models.Index(fields=["-happened_at"], name="event_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"


class Webhook(models.Model):
    """An address of another system that events of some kinds are sent to, signed with its secret."""

    id = models.UUIDField(_("webhook"), primary_key=True, default=uuid.uuid4, editable=False)
    url = models.URLField(_("address"), max_length=500, help_text=_("Where events are sent to by POST, over HTTPS."))
    kinds: Any = models.JSONField(_("events"), default=list, help_text=_("Which kinds of events it gets."))
    description = models.CharField(_("description"), max_length=200, blank=True, help_text=_("Which system it is."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Events come only while it is."))
    secret = models.CharField(_("secret"), max_length=100, editable=False)
    previous_secret = models.CharField(_("previous secret"), max_length=100, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(_("previous secret until"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.description or self.url


class Delivery(models.Model):
    """An event on its way to one webhook: at least once, again after a failure, and again whenever staff ask."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"), db_index=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    n_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    status = models.PositiveSmallIntegerField(
        _("status"), null=True, blank=True, help_text=_("Of the last answer; blank where none came.")
    )
    error = models.CharField(_("error"), max_length=100, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["webhook", "-id"], name="delivery_webhook"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "webhook"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "failed"]), name="delivery_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.state}"
