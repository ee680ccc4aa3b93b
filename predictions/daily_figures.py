"""The table of what a day's predictions add up to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["DailyFigures"]


class DailyFigures(models.Model):
    """What a day's predictions add up to, kept so that pages need not go over their rows; all of the company."""

    as_of = models.DateField(_("as-of date"), unique=True)
    n_low = models.PositiveBigIntegerField(_("low risk"), default=0)
    n_medium = models.PositiveBigIntegerField(_("medium risk"), default=0)
    n_high = models.PositiveBigIntegerField(_("high risk"), default=0)
    n_critical = models.PositiveBigIntegerField(_("critical risk"), default=0)
    value_at_risk = models.DecimalField(
        _("value at risk"),
        max_digits=24,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Monthly value of those at high and critical risk; blank where it was not kept."),
    )
    histogram = models.JSONField(
        _("distribution"), default=list, help_text=_("Predictions by probability, in twenty steps from 0 to 1.")
    )
    n_closed = models.PositiveBigIntegerField(
        _("with a known outcome"), default=0, help_text=_("Predictions whose label is closed.")
    )
    n_churned = models.PositiveBigIntegerField(_("churned"), default=0)
    horizon_days = models.PositiveSmallIntegerField(_("horizon"), help_text=_("Days of the label."))
    by_region = models.JSONField(
        _("by region"),
        default=dict,
        help_text=_(
            "By the customers' region when the day was counted: risk level, step, predictions, value, known outcomes, "
            "churned; empty where there are very many regions."
        ),
    )
    made_at = models.DateTimeField(_("made at"), auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("daily figures")
        verbose_name_plural = _("daily figures")
        ordering = ["-as_of"]

    def __str__(self) -> str:
        return str(self.as_of)

    @property
    def n_scored(self) -> int:
        return self.n_low + self.n_medium + self.n_high + self.n_critical

    @property
    def n_at_risk(self) -> int:
        return self.n_high + self.n_critical

    @property
    def churn_rate(self) -> float | None:
        """The share that left within the horizon, of those whose outcome is known; None before any is."""
        return self.n_churned / self.n_closed if self.n_closed else None
