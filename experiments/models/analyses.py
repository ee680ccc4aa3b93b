"""Analyses of the control group: a row each time, never overwritten."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from experiments.models.configuration import Experiment


class Analysis(models.Model):
    """What was known of an experiment's effect on a date; the same facts on the same date make one row, not two."""

    class Verdict(models.TextChoices):
        EFFECTIVE = "effective", _("effective")
        HARMFUL = "harmful", _("harmful")
        INCONCLUSIVE = "inconclusive", _("no conclusion yet")
        SAMPLE_RATIO = "sample_ratio", _("the groups are not as drawn")

    experiment = models.ForeignKey(
        Experiment, models.PROTECT, related_name="analyses", verbose_name=_("experiment"), db_index=False
    )
    as_of = models.DateField(_("as-of date"))
    digest = models.CharField(_("digest"), max_length=64, help_text=_("Of the facts that it rests on."))
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict.choices)
    sentence_zh = models.TextField(_("the verdict in Chinese"))
    sentence_en = models.TextField(_("the verdict in English"))
    n_assigned = models.PositiveIntegerField(_("enrolled"))
    n_known = models.PositiveIntegerField(_("with a known outcome"))
    document = models.JSONField(_("figures"), help_text=_("Everything that the report shows."))
    is_final = models.BooleanField(_("final"), default=False, help_text=_("Late events change nothing any more."))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
        help_text=_("Blank where the schedule did it."),
    )

    class Meta:
        db_table = "control_group_analysis"
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        ordering = ["-as_of", "-made_at", "-id"]
        get_latest_by = ["as_of", "made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "as_of", "digest", "is_final"], name="analysis_once"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} {self.as_of}"
