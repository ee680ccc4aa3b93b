"""Alerts and their life."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from healthscore import words


class HealthAlert(models.Model):
    """What calls for a look at a customer: opened once, kept while it holds, closed when it no longer does."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        CLOSED = "closed", _("closed")

    class Severity(models.TextChoices):
        HIGH = "high", _("high")
        MEDIUM = "medium", _("medium")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="health_alerts", verbose_name=_("customer"), db_index=False
    )
    code = models.CharField(_("code"), max_length=20)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    value = models.FloatField(_("value"), null=True, blank=True, help_text=_("What was found, when it last held."))
    threshold = models.FloatField(_("threshold"), null=True, blank=True, help_text=_("What it was held against."))
    detail = models.CharField(_("detail"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    opened_on = models.DateField(_("opened on"), help_text=_("The as-of date at which it first held."))
    held_on = models.DateField(_("last held on"), help_text=_("The last as-of date at which it held."))
    closed_on = models.DateField(
        _("closed on"), null=True, blank=True, help_text=_("The as-of date at which it no longer held.")
    )
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)

    class Meta:
        verbose_name = _("health alert")
        verbose_name_plural = _("health alerts")
        ordering = ["-opened_on", "-id"]
        indexes = [
            models.Index(fields=["customer", "-opened_on"], name="health_alert_customer"),
            models.Index(fields=["state", "-opened_on"], name="health_alert_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "code"], condition=~Q(state="closed"), name="health_alert_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "acknowledged", "closed"]), name="health_alert_state_known"
            ),
            models.CheckConstraint(condition=Q(severity__in=["high", "medium"]), name="health_alert_severity_known"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) | (~Q(state="closed") & Q(closed_on=None)),
                name="health_alert_closed_has_date",
            ),
        ]
        permissions = [("acknowledge_healthalert", "Can acknowledge health alerts")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.code}"

    @property
    def title(self) -> str:
        """What it is, in the reader's language."""
        return words.alert_title(self.code)

    @property
    def message(self) -> str:
        """What was found, in the reader's language."""
        return words.alert_message(self.code, value=self.value, threshold=self.threshold, detail=self.detail)
