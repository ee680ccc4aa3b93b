"""What a day's scores add up to, by region and account manager."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from healthscore.models.scores import HealthDay


class HealthPart(models.Model):
    """The figures of the customers of one region and account manager on a scored day, of a large company; or of all.

    They are kept so that pages need not go over the rows: whatever limits a user, the parts in sight are added up.
    """

    day = models.ForeignKey(
        HealthDay, models.CASCADE, related_name="parts", verbose_name=_("health score day"), db_index=False
    )
    is_total = models.BooleanField(_("all customers"), default=False)
    region = models.CharField(_("region"), max_length=100, blank=True)
    manager = models.CharField(_("account manager"), max_length=100, blank=True)
    n_scored = models.PositiveBigIntegerField(_("scored"))
    score_total = models.DecimalField(_("sum of the scores"), max_digits=24, decimal_places=4)
    figures = models.JSONField(
        _("figures"), null=True, help_text=_("Those of the portfolio; null of a day that was not the latest.")
    )
    made_at = models.DateTimeField(_("made at"), help_text=_("When counting began."))

    class Meta:
        default_permissions = ()
        verbose_name = _("health scores in sum")
        verbose_name_plural = _("health scores in sum")
        constraints = [
            models.UniqueConstraint(fields=["day", "is_total", "region", "manager"], name="health_part_once")
        ]
        indexes = [models.Index(fields=["day", "manager"], name="health_part_manager")]

    def __str__(self) -> str:
        return f"{self.day_id} {self.region} {self.manager}"
