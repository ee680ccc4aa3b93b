"""What was learned of a finished experiment about whom its measure helps, and the lists that follow from it."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Customer
from experiments.models.configuration import Arm, Experiment


class UpliftStudy(models.Model):
    """A study of a finished experiment; the same outcomes make one row, and the latest counts."""

    class Code(models.TextChoices):
        SIGNAL = "signal", _("signal")
        RISK_DOES = "risk_does", _("risk does as well")
        NO_SIGNAL = "no_signal", _("no signal")
        TOO_FEW = "too_few", _("too few customers")

    experiment = models.ForeignKey(
        Experiment, models.PROTECT, related_name="uplift_studies", verbose_name=_("experiment"), db_index=False
    )
    as_of = models.DateField(_("as-of date"))
    digest = models.CharField(_("digest"), max_length=64, help_text=_("Of the outcomes that it rests on."))
    code = models.CharField(
        _("signal"),
        max_length=9,
        choices=Code.choices,
        help_text=_("Whether it can be told beforehand who stays because of the measure; the best of the arms."),
    )
    document = models.JSONField(_("figures"), help_text=_("Everything that the page shows."))
    path = models.CharField(_("folder"), max_length=200, blank=True, help_text=_("Blank where no model was kept."))
    signature = models.CharField(_("signature"), max_length=64, blank=True)
    daily_budget = models.DecimalField(
        _("budget a day"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("In the account currency; blank makes no daily list."),
    )
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
        help_text=_("Blank where no person did it."),
    )

    class Meta:
        verbose_name = _("uplift study")
        verbose_name_plural = _("uplift studies")
        ordering = ["-made_at", "-id"]
        get_latest_by = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "digest"], name="uplift_study_once"),
            models.CheckConstraint(
                condition=Q(daily_budget=None) | Q(code="signal", daily_budget__gte=0),
                name="uplift_budget_needs_signal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} {self.as_of}"


class UpliftListing(models.Model):
    """A customer on the list of a date: to be treated with an arm's measure, or not to be disturbed by any."""

    study = models.ForeignKey(
        UpliftStudy, models.PROTECT, related_name="listings", verbose_name=_("uplift study"), db_index=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="uplift_listings", verbose_name=_("customer"), db_index=False
    )
    listed_on = models.DateField(_("listed on"))
    arm = models.ForeignKey(
        Arm,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("arm"),
        help_text=_("Whose measure it is; blank of a customer who is not to be disturbed."),
    )
    place = models.PositiveIntegerField(
        _("place"), null=True, blank=True, help_text=_("From 1, the most gainful first; blank if not to be disturbed.")
    )
    effect = models.FloatField(_("effect"), help_text=_("Predicted: by how much the chance to stay grows."))
    value = models.DecimalField(pgettext_lazy("money", "value"), max_digits=15, decimal_places=2, null=True, blank=True)
    net = models.DecimalField(
        _("gain"), max_digits=15, decimal_places=2, null=True, blank=True, help_text=_("Effect × value − cost.")
    )

    class Meta:
        verbose_name = _("turn on an uplift list")
        verbose_name_plural = _("turns on uplift lists")
        ordering = ["-listed_on", "place", "id"]
        indexes = [models.Index(fields=["customer"], name="uplift_listing_customer")]
        constraints = [
            models.UniqueConstraint(fields=["study", "listed_on", "customer"], name="uplift_listing_once"),
            models.CheckConstraint(
                condition=Q(arm=None, place=None) | Q(arm__isnull=False, place__gt=0), name="uplift_listing_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.listed_on}"
