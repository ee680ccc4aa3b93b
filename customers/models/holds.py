"""Who may not be treated now, by whom and until when; and each time that somebody was kept off a list because of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models.customer import Customer

HOLD_KINDS = ("control", "opt_out", "unsubscribed")


class Hold(models.Model):
    """A customer is held back by `source` on the dates [since, until); without an end while `until` is blank.

    Experiments write theirs for control customers; opt-outs and unsubscribing stand here as well, so that one decision
    (`customers.boundary`) reads one table.
    """

    class Kind(models.TextChoices):
        CONTROL = "control", _("control group")
        OPT_OUT = "opt_out", _("opted out")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="holds", verbose_name=_("customer"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, help_text=_("Why no measure is allowed."))
    source = models.CharField(
        _("source"), max_length=100, help_text=_("Who holds the customer back, such as an experiment.")
    )
    since = models.DateField(_("since"), help_text=_("The first date on which no measure is allowed."))
    until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first date on which measures are allowed again.")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("In the words of whoever noted it."))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-since", "-id"]
        indexes = [models.Index(fields=["source", "since"], name="hold_source")]
        constraints = [
            models.UniqueConstraint(fields=["customer", "source"], name="hold_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="hold_ends_after_start"),
            models.CheckConstraint(
                condition=Q(kind__in=["control", "opt_out", "unsubscribed"]), name="hold_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.source}"


class Suppression(models.Model):
    """A customer would have been on a list that tells whom to treat, and was kept off it; once a list and day."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="suppressions", verbose_name=_("customer"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Hold.Kind.choices, help_text=_("Why it was kept off."))
    source = models.CharField(_("source"), max_length=100, help_text=_("Who held the customer back."))
    outlet = models.CharField(_("list"), max_length=60, help_text=_("Which list, export, webhook or endpoint it was."))
    suppressed_on = models.DateField(_("date"), help_text=_("The date of the list."))

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering = ["-suppressed_on", "-id"]
        indexes = [models.Index(fields=["source", "suppressed_on"], name="suppression_source_date")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "source", "outlet", "suppressed_on"], name="suppression_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.outlet} {self.suppressed_on}"
