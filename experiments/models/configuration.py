"""What an experiment is: its question, arms, who is eligible, and the states that it goes through.

From the start on the configuration is locked; the database itself refuses to change it (`experiments.locks`).
"""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from experiments.attributes import ATTRIBUTES, Operator


class Metric(models.TextChoices):
    """What is measured beside churn; amounts and counts of the observation days."""

    PURCHASES = "purchases", _("purchases")
    AMOUNT = "amount", _("amount")
    ACTIVE_DAYS = "active_days", _("active days")
    COMPLAINTS = "complaints", _("complaints")
    UNSUBSCRIBES = "unsubscribes", _("unsubscribes")


SECONDARY = (Metric.PURCHASES, Metric.AMOUNT, Metric.ACTIVE_DAYS)
GUARDRAILS = (Metric.COMPLAINTS, Metric.UNSUBSCRIBES)
STRATA = ("risk_level", "customer_type")


def all_secondary() -> list[str]:
    return [str(metric.value) for metric in SECONDARY]


def all_guardrails() -> list[str]:
    return [str(metric.value) for metric in GUARDRAILS]


def default_strata() -> list[str]:
    return list(STRATA)


class Experiment(models.Model):
    """A question about a retention measure, answered by a control group that gets nothing."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        RUNNING = "running", _("running")
        STOPPED = "stopped", _("stopped")
        COMPLETED = "completed", _("completed")
        ARCHIVED = "archived", _("archived")

    class Value(models.TextChoices):
        FIXED = "fixed", _("the number below")
        OWN = "own", _("each customer's own average monthly value")

    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("Short, as staff will speak of it."))
    hypothesis = models.TextField(
        _("hypothesis"), blank=True, help_text=_("What is expected, and why: written before anything is seen.")
    )
    starts_on = models.DateField(_("start date"), help_text=_("The first date on which customers are enrolled."))
    ends_on = models.DateField(_("end date"), help_text=_("The last date on which customers are enrolled."))
    min_probability = models.DecimalField(
        _("lowest risk"),
        max_digits=7,
        decimal_places=6,
        null=True,
        blank=True,
        default=Decimal("0.70"),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Customers with at least this probability of leaving are eligible; blank for no bound."),
    )
    risk_levels = models.JSONField(
        _("risk levels"),
        default=list,
        blank=True,
        help_text=_("Only customers of these levels; none chosen means all."),
    )
    layer = models.CharField(
        _("exclusion layer"),
        max_length=50,
        default="retention",
        help_text=_("A customer is in one running experiment of a layer at a time."),
    )
    observation_days = models.PositiveSmallIntegerField(
        _("observation days"),
        default=7,
        validators=[MinValueValidator(7), MaxValueValidator(28)],
        help_text=_("How long each customer is watched after being enrolled: 7 to 28 days."),
    )
    secondary_metrics = models.JSONField(
        _("secondary metrics"), default=all_secondary, blank=True, help_text=_("Compared beside churn; more is good.")
    )
    guardrail_metrics = models.JSONField(
        _("guardrail metrics"), default=all_guardrails, blank=True, help_text=_("Must not get worse.")
    )
    significance = models.DecimalField(
        _("significance level"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.05"),
        validators=[MinValueValidator(Decimal("0.001")), MaxValueValidator(Decimal("0.2"))],
        help_text=_("How often a measure without effect may be called effective or harmful."),
    )
    power = models.DecimalField(
        _("power"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.80"),
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal("0.99"))],
        help_text=_("How often the smallest effect worth seeing is to be found, if it is there."),
    )
    smallest_effect = models.DecimalField(
        _("smallest effect worth seeing"),
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.05"),
        validators=[MinValueValidator(Decimal("0.0001")), MaxValueValidator(1)],
        help_text=_("Share of customers kept by the measure, as a difference: 0.05 is 5 of 100."),
    )
    treatment_cost = models.DecimalField(
        _("cost of one treatment"),
        max_digits=15,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("In the account currency."),
    )
    value_source = models.CharField(
        _("value of a kept customer"), max_length=5, choices=Value.choices, default=Value.OWN
    )
    value = models.DecimalField(
        pgettext_lazy("money", "value"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Of one kept customer, in the account currency."),
    )
    is_stratified = models.BooleanField(
        _("stratified"),
        default=False,
        help_text=_("Each day's customers are split to the exact shares within each stratum."),
    )
    strata = models.JSONField(_("strata"), default=default_strata, blank=True, help_text=_("What makes a stratum."))
    daily_capacity = models.PositiveIntegerField(
        _("treatments a day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many customers can be treated on one day, those at highest risk first; blank for no bound."),
    )
    salt = models.CharField(
        _("salt"), max_length=32, blank=True, editable=False, help_text=_("Drawn at the start; assignment rests on it.")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False, db_index=True
    )
    started_on = models.DateField(_("started on"), null=True, blank=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)
    finalised_at = models.DateTimeField(
        _("finalised at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("From then on late events change nothing."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ["-created_at", "-id"]
        permissions = [("run_experiment", "Can start, stop and complete experiments")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="experiment_ends_after_start"),
            models.CheckConstraint(condition=Q(observation_days__range=(7, 28)), name="experiment_observation_7_to_28"),
            models.CheckConstraint(
                condition=Q(min_probability=None) | Q(min_probability__range=(0, 1)), name="experiment_risk_0_to_1"
            ),
            models.CheckConstraint(condition=Q(treatment_cost__gte=0), name="experiment_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "running", "stopped", "completed", "archived"]),
                name="experiment_state_known",
            ),
            models.CheckConstraint(condition=Q(state="draft") | ~Q(salt=""), name="experiment_salted_from_start"),
            models.CheckConstraint(
                condition=~Q(value_source="fixed") | Q(value__isnull=False), name="experiment_fixed_value_given"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """What it is called in the holds that it writes."""
        return f"experiment {self.pk}"


class Arm(models.Model):
    """One of the groups: the control group, which gets nothing, or one that gets a measure."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="arms", verbose_name=_("experiment"))
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("The control group stands first, at 0."))
    name = models.CharField(_("name"), max_length=50)
    is_control = models.BooleanField(_("control group"), default=False)
    share = models.DecimalField(
        _("share"),
        max_digits=7,
        decimal_places=6,
        validators=[MinValueValidator(Decimal("0.000001")), MaxValueValidator(1)],
        help_text=_("Of the customers enrolled, from 0 to 1; the shares add up to 1."),
    )
    measure = models.CharField(
        _("measure"), max_length=200, blank=True, help_text=_("What is done, as the people who do it will read it.")
    )

    class Meta:
        verbose_name = _("arm")
        verbose_name_plural = _("arms")
        ordering = ["experiment", "position"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="arm_named_once"),
            models.UniqueConstraint(fields=["experiment", "position"], name="arm_placed_once"),
            models.UniqueConstraint(fields=["experiment"], condition=Q(is_control=True), name="arm_one_control"),
            models.CheckConstraint(condition=Q(share__gt=0) & Q(share__lte=1), name="arm_share_0_to_1"),
            models.CheckConstraint(
                condition=Q(is_control=False) | Q(share__gte=Decimal("0.01"), share__lte=Decimal("0.99")),
                name="arm_control_1_to_99_percent",
            ),
            models.CheckConstraint(
                condition=Q(is_control=True, position=0) | Q(is_control=False, position__gt=0), name="arm_control_first"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Condition(models.Model):
    """A filter on a customer attribute; a customer is eligible who meets all conditions."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="conditions", verbose_name=_("experiment"))
    attribute = models.CharField(_("attribute"), max_length=50, choices=[(a.name, a.title) for a in ATTRIBUTES])
    operator = models.CharField(_("is"), max_length=10, choices=Operator.choices, default=Operator.IN)
    values = models.JSONField(_("values"), default=list, help_text=_("One or more; a bound is a single value."))

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["experiment", "id"]

    def __str__(self) -> str:
        return f"{self.get_attribute_display()} {self.get_operator_display()} {', '.join(map(str, self.values))}"


class StateChange(models.Model):
    """Who moved an experiment into which state, when and why; never edited."""

    experiment = models.ForeignKey(Experiment, models.PROTECT, related_name="changes", verbose_name=_("experiment"))
    from_state = models.CharField(_("from"), max_length=10, choices=Experiment.State.choices)
    to_state = models.CharField(_("to"), max_length=10, choices=Experiment.State.choices)
    reason = models.TextField(_("reason"), blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now_add=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
        help_text=_("Blank where the schedule did it."),
    )

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        ordering = ["experiment", "changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
