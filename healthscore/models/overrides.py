"""Grades that staff set."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Customer
from healthscore.models.scores import Grade


class Override(models.Model):
    """A grade set by a person who knows more than the data; it stands beside the computed one and ends by itself."""

    class Verdict(models.TextChoices):
        RIGHT = "right", _("right")
        WRONG = "wrong", _("wrong")
        UNDECIDED = "undecided", _("undecided")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="health_overrides", verbose_name=_("customer"), db_index=False
    )
    grade = models.CharField(_("grade"), max_length=10, choices=Grade.choices)
    reason = models.TextField(_("reason"), help_text=_("What the data do not show."))
    starts_on = models.DateField(pgettext_lazy("date", "from"), help_text=_("The first as-of date at which it holds."))
    expires_on = models.DateField(_("until"), help_text=_("It holds before this date and ends by itself."))
    computed_grade = models.CharField(
        _("computed grade then"), max_length=10, choices=Grade.choices, blank=True, help_text=_("When it was set.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("set at"), auto_now_add=True)
    verdict = models.CharField(
        _("was it right"), max_length=10, choices=Verdict.choices, blank=True, help_text=_("Looked up later.")
    )
    verdict_reason = models.JSONField(_("why"), null=True, blank=True)
    judged_on = models.DateField(_("judged on"), null=True, blank=True)

    class Meta:
        verbose_name = _("override of a grade")
        verbose_name_plural = _("overrides of grades")
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["customer", "-starts_on"], name="health_override_customer")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gt=F("starts_on")), name="health_override_ends_later"),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="health_override_grade_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="health_override_has_reason"),
            models.CheckConstraint(
                condition=Q(verdict="", judged_on=None) | (~Q(verdict="") & Q(judged_on__isnull=False)),
                name="health_override_judged_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.grade}"
