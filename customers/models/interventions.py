"""What was done to keep a customer: reported by the CRM or noted by staff."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer


class Intervention(models.Model):
    """A retention measure that was taken: what, to whom, when, at what cost."""

    intervention_id = models.CharField(
        _("intervention ID"), max_length=64, unique=True, help_text=_("The source's own identifier, kept as text.")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="interventions", verbose_name=_("customer"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=50, help_text=_("The measure, such as coupon, call or e-mail."))
    channel = models.CharField(_("channel"), max_length=50, blank=True, help_text=_("How the customer was reached."))
    occurred_at = models.DateTimeField(_("occurred at"), help_text=_("When it was done."))
    cost = models.DecimalField(
        _("cost"), max_digits=15, decimal_places=2, default=0, help_text=_("In the account currency, from 0.")
    )
    note = models.TextField(_("note"), blank=True, help_text=_("What was said or agreed."))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("intervention")
        verbose_name_plural = _("interventions")
        indexes = [
            models.Index(fields=["customer", "-occurred_at"], name="intervention_customer_time"),
            models.Index(fields=["occurred_at"], name="intervention_time"),
        ]
        constraints = [models.CheckConstraint(condition=Q(cost__gte=0), name="intervention_cost_not_negative")]

    def __str__(self) -> str:
        return self.intervention_id
