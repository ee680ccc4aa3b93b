"""Who looks after a customer at risk, and what staff noted of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer

__all__ = ["Assignee", "CaseNote"]


class Assignee(models.Model):
    """The one person who looks after a customer's case, until it is released or somebody takes it over."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, related_name="assignee", verbose_name=_("customer"), help_text=_("Whose case it is.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        verbose_name=_("assigned to"),
        help_text=_("Who looks after the customer now."),
    )
    assigned_at = models.DateTimeField(_("assigned at"), auto_now_add=True)

    class Meta:
        verbose_name = _("assignee")
        verbose_name_plural = _("assignees")
        ordering = ["-assigned_at", "-id"]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.user_id}"


class CaseNote(models.Model):
    """What somebody learned or agreed with a customer; never edited, only added to."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="case_notes", verbose_name=_("customer"), db_index=False
    )
    text = models.TextField(
        _("note"), max_length=5_000, help_text=_("What was learned or agreed, for those who come after you.")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author")
    )
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)

    class Meta:
        verbose_name = _("case note")
        verbose_name_plural = _("case notes")
        ordering = ["-written_at", "-id"]
        indexes = [models.Index(fields=["customer", "-written_at"], name="case_note_customer_time")]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="case_note_says_something")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.written_at:%Y-%m-%d %H:%M}"
