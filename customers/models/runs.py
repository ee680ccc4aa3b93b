"""What ran: a row for each run and each of its steps."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.sentences import told


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class Run(models.Model):
    """One job for one date; the unique key makes two starts of it end as one."""

    class Kind(models.TextChoices):
        DAILY = "daily", _("daily job")
        TRAINING = "training", _("training")
        RETENTION = "retention", _("retention")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    as_of = models.DateField(_("as-of date"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    claim = models.CharField(
        _("claim"),
        max_length=100,
        blank=True,
        help_text=_("Held by the process that works on it; others leave it alone."),
    )
    error = models.TextField(_("error"), blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("started by")
    )

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-as_of", "kind"]
        permissions = [("monitor_run", "Can see monitoring")]
        constraints = [models.UniqueConstraint(fields=["kind", "as_of"], name="run_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.as_of}"

    @property
    def broken(self) -> "Step | None":
        """The step at which it failed."""
        return next((step for step in self.steps.all() if step.state == State.FAILED), None) if self.error else None


class Step(models.Model):
    """One step of a run; done steps are not done again when the run is picked up."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps", verbose_name=_("run"))
    name = models.CharField(_("step"), max_length=30)
    position = models.PositiveSmallIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    n_rows = models.PositiveBigIntegerField(_("rows"), null=True, blank=True)
    n_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    result = models.JSONField(_("result"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="step_once")]

    def __str__(self) -> str:
        return f"{self.run} {self.name}"

    @property
    def why(self) -> str:
        """Why it failed, in the reader's language where it is a sentence of ours; empty where it did not."""
        return told(self.result.get("cause"), otherwise=self.error) if self.error else ""
