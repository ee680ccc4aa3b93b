"""Snapshots of features, registered models, predictions, and how good they were."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from predictions.daily_figures import DailyFigures as DailyFigures
from predictions.remarks import said, said_all


class FeatureSnapshot(models.Model):
    """The manifest of the 88 features of every customer at one as-of date; the values are in a Parquet file."""

    as_of = models.DateField(_("as-of date"), unique=True)
    catalogue_version = models.CharField(_("catalogue version"), max_length=20)
    path = models.CharField(_("path"), max_length=255, help_text=_("Below DATA_DIR."))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    n_customers = models.PositiveBigIntegerField(_("customers"))
    n_eligible = models.PositiveBigIntegerField(_("eligible"))
    timings = models.JSONField(_("timings"), default=dict, help_text=_("Seconds by stage."))
    computed_at = models.DateTimeField(
        _("computed at"), default=timezone.now, help_text=_("When the reading of its rows began.")
    )

    class Meta:
        verbose_name = _("feature snapshot")
        verbose_name_plural = _("feature snapshots")
        ordering = ["-as_of"]
        permissions = [("compute_featuresnapshot", "Can compute features")]

    def __str__(self) -> str:
        return str(self.as_of)


class PeerGroup(models.Model):
    """The quartiles of each numeric feature among the active customers of one type in a snapshot, to compare with."""

    snapshot = models.ForeignKey(
        FeatureSnapshot, models.CASCADE, related_name="peer_groups", verbose_name=_("feature snapshot")
    )
    customer_type = models.CharField(
        _("customer type"), max_length=100, blank=True, help_text=_("Blank for all active customers together.")
    )
    n_customers = models.PositiveBigIntegerField(_("customers"), help_text=_("Active customers of the type."))
    quartiles = models.JSONField(
        _("quartiles"), help_text=_("By feature: first quartile, median and third quartile of those who have a value.")
    )

    class Meta:
        verbose_name = _("peer group")
        verbose_name_plural = _("peer groups")
        constraints = [models.UniqueConstraint(fields=["snapshot", "customer_type"], name="peer_group_once")]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.customer_type}"


class ModelVersion(models.Model):
    """A trained model, or the rule that stands in for one, with everything it was made from and measured by."""

    class Role(models.TextChoices):
        CHALLENGER = "challenger", _("challenger")
        CHAMPION = "champion", _("champion")
        RETIRED = "retired", _("retired")

    version = models.CharField(_("version"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=30, help_text=_("Which candidate won, or rule."))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.CHALLENGER)
    as_of = models.DateField(
        _("trained as of"), help_text=_("Only facts and labels closed before this date were used.")
    )
    horizon_days = models.PositiveSmallIntegerField(_("horizon"), help_text=_("Days of the label."))
    catalogue_version = models.CharField(_("catalogue version"), max_length=20)
    code_version = models.CharField(_("code version"), max_length=60)
    parameters = models.JSONField(_("parameters"), default=dict)
    data = models.JSONField(_("data"), default=dict, help_text=_("As-of dates, rows, snapshots and splits."))
    metrics = models.JSONField(_("metrics"), default=dict, help_text=_("On test weeks, each with an interval."))
    baselines = models.JSONField(_("baselines"), default=dict, help_text=_("The same metrics of the other candidates."))
    curves = models.JSONField(_("curves"), default=dict, help_text=_("ROC, precision and recall, calibration, gain."))
    analysis = models.JSONField(_("feature analysis"), default=dict)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    path = models.CharField(_("path"), max_length=255, blank=True, help_text=_("Below DATA_DIR."))
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["role"], condition=Q(role="champion"), name="model_one_champion"),
        ]
        permissions = [
            ("promote_modelversion", "Can promote and roll back models"),
            ("train_modelversion", "Can train models"),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def told(self) -> list[str]:
        """Its warnings as sentences, in the reader's language."""
        return said_all(self.warnings)

    @property
    def why_not_promoted(self) -> str:
        """What the promotion rule held against it, as a sentence; empty where nothing."""
        return said(self.data.get("not_promoted"))


class Promotion(models.Model):
    """Who made which model the champion, when and why; never edited."""

    model = models.ForeignKey(ModelVersion, models.PROTECT, related_name="promotions", verbose_name=_("model"))
    previous = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("previous champion")
    )
    is_rollback = models.BooleanField(_("roll-back"), default=False)
    reason = models.TextField(_("reason"), blank=True, help_text=_("As the person gave it who promoted by hand."))
    remark = models.JSONField(
        _("remark"),
        null=True,
        blank=True,
        help_text=_("Why the rule made it champion, as a code with figures."),
    )
    promoted_at = models.DateTimeField(_("promoted at"), auto_now_add=True)
    promoted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("promoted by")
    )

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["-promoted_at", "-id"]

    def __str__(self) -> str:
        return str(self.model)

    @property
    def why(self) -> str:
        """The reason that was given, or what the promotion rule said, in the reader's language."""
        return self.reason or said(self.remark)


class RiskLevel(models.TextChoices):
    """Bounds are the setting RISK_LEVEL_BOUNDS; the lower bound belongs to the higher level."""

    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")
    CRITICAL = "critical", _("critical")


class Prediction(models.Model):
    """How likely a customer is to leave, as of a date; the outcome is filled in when the label closes."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="predictions", verbose_name=_("customer"), db_index=False
    )
    as_of = models.DateField(_("as-of date"))
    model = models.ForeignKey(
        ModelVersion, models.PROTECT, related_name="predictions", verbose_name=_("model"), db_index=False
    )
    probability = models.DecimalField(
        _("probability"), max_digits=7, decimal_places=6, help_text=_("Of no activity within the horizon.")
    )
    risk_level = models.CharField(_("risk level"), max_length=8, choices=RiskLevel.choices)
    lifecycle_stage = models.CharField(_("lifecycle stage"), max_length=12)
    reasons = models.JSONField(
        _("reasons"),
        null=True,
        blank=True,
        help_text=_("Features that push most up and down; made on first look for low and medium risk."),
    )
    main_reason = models.CharField(
        _("main reason"),
        max_length=40,
        null=True,
        blank=True,
        help_text=_("The feature that raises the risk most, of high and critical risk."),
    )
    monthly_value = models.DecimalField(
        _("monthly value"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("What the customer buys for in 30 days, at the as-of date."),
    )
    churned = models.BooleanField(_("churned"), null=True, blank=True, help_text=_("The outcome, once it is known."))
    is_treated = models.BooleanField(
        _("treated"),
        null=True,
        blank=True,
        help_text=_("An intervention took place in the days of the outcome; known with the outcome."),
    )

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        permissions = [("export_prediction", "Can export predictions")]
        indexes = [
            # The list of a day is filtered by what stands after the customer, without a look at the rows themselves.
            models.Index(
                fields=[
                    *("-as_of", "-probability", "customer", "risk_level", "lifecycle_stage", "churned"),
                    *("monthly_value", "id"),
                ],
                name="prediction_day_list",
            ),
            models.Index(
                fields=["as_of", "main_reason", "-probability"],
                name="prediction_day_reason",
                condition=Q(main_reason__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["customer", "as_of"], name="prediction_once_a_day"),
            models.CheckConstraint(
                condition=Q(probability__gte=0) & Q(probability__lte=1), name="prediction_is_probability"
            ),
            models.CheckConstraint(condition=Q(risk_level__in=RiskLevel.values), name="prediction_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.as_of}"


class RiskToday(Prediction):
    """The predictions of the latest day, as a list of their own; whoever may see predictions may see it."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("customer at risk")
        verbose_name_plural = _("customers at risk today")


class DailyQuality(models.Model):
    """How good the predictions of one day and model were, once their labels closed."""

    as_of = models.DateField(_("as-of date"))
    model = models.ForeignKey(ModelVersion, models.CASCADE, related_name="daily_quality", verbose_name=_("model"))
    n_predictions = models.PositiveBigIntegerField(_("predictions"))
    n_churned = models.PositiveBigIntegerField(_("churned"))
    n_treated = models.PositiveBigIntegerField(
        _("treated"), default=0, help_text=_("Predictions of treated customers, which are not measured.")
    )
    metrics = models.JSONField(_("metrics"), default=dict, help_text=_("AUC, calibration error, lift, base rate."))
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    measured_at = models.DateTimeField(_("measured at"), auto_now=True)

    class Meta:
        verbose_name = _("daily quality")
        verbose_name_plural = _("daily quality")
        ordering = ["-as_of"]
        constraints = [models.UniqueConstraint(fields=["as_of", "model"], name="quality_once_a_day")]

    def __str__(self) -> str:
        return f"{self.as_of} {self.model}"

    @property
    def told(self) -> list[str]:
        """Its warnings, and why a measure is missing, as sentences in the reader's language."""
        return said_all(one for one in (*self.warnings, self.metrics.get("reason")) if one)


class Drift(models.Model):
    """How far a feature, or the score, of one day is from the training data."""

    as_of = models.DateField(_("as-of date"))
    model = models.ForeignKey(ModelVersion, models.CASCADE, related_name="drift", verbose_name=_("model"))
    feature = models.CharField(_("feature"), max_length=60, help_text=_("A feature's name, or score."))
    psi = models.FloatField(_("PSI"), help_text=_("Population stability index against training."))
    p_value = models.FloatField(_("p"), null=True, help_text=_("Of a PSI this large by chance at this sample size."))
    is_warning = models.BooleanField(_("warning"), default=False)

    class Meta:
        verbose_name = _("drift")
        verbose_name_plural = _("drift")
        ordering = ["-as_of", "-psi"]
        constraints = [models.UniqueConstraint(fields=["as_of", "model", "feature"], name="drift_once_a_day")]

    def __str__(self) -> str:
        return f"{self.as_of} {self.feature}"
