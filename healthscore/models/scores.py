"""A score a customer and day, and what came of the day."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Customer
from healthscore.models.configuration import ConfigurationVersion

LISTED = ("grade", "grade_before", "change_30d", "coverage", "mrr", "customer_type")
"""By what a day's list is filtered and sorted: in the index, so that the rows themselves need not be read for it."""


class Grade(models.TextChoices):
    """Best first; the bounds are in the configuration, and the lower one belongs to the better grade."""

    EXCELLENT = "excellent", _("excellent")
    GOOD = "good", _("good")
    AT_RISK = "at_risk", _("at risk")
    CRITICAL = "critical", pgettext_lazy("grade", "critical")


class Direction(models.TextChoices):
    IMPROVING = "improving", _("improving")
    STABLE = "stable", _("stable")
    DECLINING = "declining", _("declining")


class HealthDay(models.Model):
    """What came of the health score of one date; the rows of the day are replaced together with it."""

    as_of = models.DateField(_("as-of date"), unique=True)
    configuration = models.ForeignKey(
        ConfigurationVersion, models.PROTECT, related_name="days", verbose_name=_("configuration")
    )
    n_scored = models.PositiveBigIntegerField(_("scored"), default=0)
    n_not_scored = models.PositiveBigIntegerField(_("not scored"), default=0)
    n_by_grade = models.JSONField(
        _("customers by grade"), default=dict, blank=True, help_text=_("How many of the day's scores have each grade.")
    )
    failures = models.JSONField(
        _("sources that could not be read"),
        default=list,
        blank=True,
        help_text=_("The scores of the day are without what these would have told."),
    )
    calculated_at = models.DateTimeField(_("calculated at"), default=timezone.now)

    class Meta:
        verbose_name = _("health score day")
        verbose_name_plural = _("health score days")
        ordering = ["-as_of"]

    def __str__(self) -> str:
        return str(self.as_of)


class HealthScore(models.Model):
    """How well a customer does as of a date, from 0 to 1, and what it is made of."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="health_scores", verbose_name=_("customer"), db_index=False
    )
    as_of = models.DateField(_("as-of date"))
    score = models.DecimalField(_("health score"), max_digits=5, decimal_places=4, help_text=_("From 0 to 1."))
    grade = models.CharField(_("grade"), max_length=10, choices=Grade.choices)
    breakdown = models.JSONField(
        _("breakdown"), help_text=_("Each dimension's score with its parts, from 0 to 1; null without data.")
    )
    coverage = models.FloatField(_("coverage"), help_text=_("The weight of the dimensions that had data."))
    mrr = models.DecimalField(
        _("MRR"),
        max_digits=24,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Monthly recurring revenue; blank without a deal ever."),
    )
    change_30d = models.DecimalField(
        _("change"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Against the score of 30 days before; blank where there is none."),
    )
    grade_before = models.CharField(_("grade 30 days before"), max_length=10, choices=Grade.choices, blank=True)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices)
    forecast_30d = models.DecimalField(
        _("forecast"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("In 30 days, if it goes on like the last 90; blank with too few scores."),
    )
    customer_type = models.CharField(
        _("customer type"), max_length=100, blank=True, help_text=_("As it was taken for the weights.")
    )
    sources = models.JSONField(_("sources"), help_text=_("Those in which the customer has a row."))
    configuration = models.ForeignKey(
        ConfigurationVersion,
        models.PROTECT,
        related_name="scores",
        verbose_name=_("configuration"),
        db_index=False,
        help_text=_("The version of the numbers it was made with."),
    )
    calculated_at = models.DateTimeField(_("calculated at"))

    class Meta:
        verbose_name = _("health score")
        verbose_name_plural = _("health scores")
        indexes = [
            models.Index(fields=["as_of", "score", "customer", *LISTED, "id"], name="health_day_list"),
            models.Index(fields=["configuration", "as_of"], name="health_configuration_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["customer", "as_of"], name="health_once_a_day"),
            models.CheckConstraint(condition=Q(score__gte=0) & Q(score__lte=1), name="health_score_0_to_1"),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="health_grade_known"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="health_direction_known"),
            models.CheckConstraint(
                condition=Q(coverage__gt=0) & Q(coverage__lte=1.0001), name="health_coverage_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.as_of}"

    @property
    def dimensions(self) -> dict[str, float | None]:
        """Each dimension's score."""
        return {name: one["score"] for name, one in self.breakdown.items()}

    @property
    def before(self) -> Decimal | None:
        """The score of 30 days before, as the data are now."""
        return None if self.change_30d is None else self.score - self.change_30d


class NotScored(models.Model):
    """A customer without a score as of a date, and why."""

    class Reason(models.TextChoices):
        NO_DATA = "no_data", _("No dimension has data: there is nothing to score from.")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("customer"), db_index=False)
    as_of = models.DateField(_("as-of date"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)

    class Meta:
        verbose_name = _("customer not scored")
        verbose_name_plural = _("customers not scored")
        constraints = [
            models.UniqueConstraint(fields=["as_of", "customer"], name="health_not_scored_once"),
            models.CheckConstraint(condition=Q(reason__in=["no_data"]), name="health_not_scored_reason_known"),
        ]
        indexes = [models.Index(fields=["customer"], name="health_not_scored_customer")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.as_of}"

    def told(self) -> Any:
        return self.get_reason_display()
