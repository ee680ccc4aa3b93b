"""Who is in an experiment, when they were put on a list, and what became of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from experiments.models.configuration import Arm, Experiment
from predictions.models import ModelVersion, RiskLevel


class Assignment(models.Model):
    """A customer drawn into an arm; the draw never changes. `customer` is kept as long as the experiment is."""

    experiment = models.ForeignKey(
        Experiment, models.PROTECT, related_name="assignments", verbose_name=_("experiment"), db_index=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="assignments", verbose_name=_("customer"), db_index=False
    )
    arm = models.ForeignKey(Arm, models.PROTECT, related_name="assignments", verbose_name=_("arm"), db_index=False)
    u = models.FloatField(
        "u", help_text=_("The draw: the first 8 bytes of SHA-256 of salt and customer ID, from 0 to below 1.")
    )
    enrolled_on = models.DateField(
        _("enrolled on"), help_text=_("The first observation day; the customer's risk is of this as-of date.")
    )
    enrolled_at = models.DateTimeField(_("enrolled at"), auto_now_add=True)
    probability = models.DecimalField(_("probability"), max_digits=7, decimal_places=6)
    risk_level = models.CharField(_("risk level"), max_length=8, choices=RiskLevel.choices)
    customer_type = models.CharField(_("customer type"), max_length=100, blank=True)
    model = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", verbose_name=_("model"), db_index=False)
    monthly_value = models.DecimalField(
        _("monthly value"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("The customer's own average monthly value when enrolled."),
    )
    stratum = models.CharField(_("stratum"), max_length=210, blank=True)
    layer = models.CharField(_("exclusion layer"), max_length=50)
    is_current = models.BooleanField(
        _("in a running experiment"), default=True, help_text=_("Until the experiment ends; then the layer is free.")
    )

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-enrolled_on", "id"]
        indexes = [
            models.Index(fields=["experiment", "enrolled_on", "arm"], name="assignment_day"),
            models.Index(fields=["customer"], name="assignment_customer"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "customer"], name="assignment_once"),
            models.UniqueConstraint(
                fields=["layer", "customer"], condition=Q(is_current=True), name="assignment_one_of_a_layer"
            ),
            models.CheckConstraint(condition=Q(u__gte=0) & Q(u__lt=1), name="assignment_u_below_1"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} → {self.arm_id}"


class Listing(models.Model):
    """A customer's turn on the list of treatments: of a treated arm it goes out, of the control group it is a ghost.

    A ghost says what the control customer would have been sent, and when; nothing was.
    """

    assignment = models.OneToOneField(
        Assignment, models.PROTECT, related_name="listing", verbose_name=_("assignment"), primary_key=True
    )
    arm = models.ForeignKey(
        Arm,
        models.PROTECT,
        related_name="+",
        verbose_name=_("arm"),
        help_text=_("Whose measure it is; of a ghost, the arm that it was drawn for."),
    )
    is_ghost = models.BooleanField(_("ghost"), help_text=_("The customer is in the control group and got nothing."))
    listed_on = models.DateField(_("listed on"))
    listed_at = models.DateTimeField(_("listed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("turn on the treatment list")
        verbose_name_plural = _("turns on the treatment list")
        ordering = ["-listed_on"]
        indexes = [models.Index(fields=["listed_on"], name="listing_day")]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.listed_on}"


class Outcome(models.Model):
    """What an assigned customer did in the observation days, and in the 20 days before; corrected by late events."""

    class Status(models.TextChoices):
        RETAINED = "retained", _("retained")
        CHURNED = "churned", _("churned")

    assignment = models.OneToOneField(
        Assignment, models.PROTECT, related_name="outcome", verbose_name=_("assignment"), primary_key=True
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, help_text=_("No row means unknown: the days are not over.")
    )
    n_purchases = models.PositiveIntegerField(_("purchases"), help_text=_("In the observation days."))
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=2)
    n_active_days = models.PositiveSmallIntegerField(_("active days"))
    n_complaints = models.PositiveIntegerField(_("complaints"))
    n_unsubscribes = models.PositiveIntegerField(_("unsubscribes"))
    n_purchases_before = models.PositiveIntegerField(_("purchases before"), help_text=_("In the 20 days before."))
    amount_before = models.DecimalField(_("amount before"), max_digits=15, decimal_places=2)
    n_active_days_before = models.PositiveSmallIntegerField(_("active days before"))
    first_treated_at = models.DateTimeField(
        _("first treated at"), null=True, blank=True, help_text=_("The first intervention in the observation days.")
    )
    treatment_cost = models.DecimalField(
        _("cost"), max_digits=15, decimal_places=2, default=0, help_text=_("Of the interventions in those days.")
    )
    n_corrections = models.PositiveSmallIntegerField(
        _("corrections"), default=0, help_text=_("How often late events changed it.")
    )
    observed_at = models.DateTimeField(_("observed at"), auto_now=True)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["retained", "churned"]), name="outcome_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.status}"
