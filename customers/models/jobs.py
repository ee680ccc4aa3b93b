"""What runs in the background because somebody asked for it, with its progress and what came of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.access import ApiKey
from customers.models.runs import State
from customers.sentences import told


class Job(models.Model):
    """One piece of work that a person or a machine started; see `customers.jobs`."""

    id = models.UUIDField(_("job"), primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=50, help_text=_("Which task it is."))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    arguments: Any = models.JSONField(_("arguments"), default=dict, help_text=_("Keys of rows, dates and options."))
    n_done = models.PositiveBigIntegerField(_("done"), default=0)
    n_total = models.PositiveBigIntegerField(_("of"), null=True, blank=True, help_text=_("Blank while unknown."))
    result: Any = models.JSONField(_("result"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    path = models.CharField(_("file"), max_length=255, blank=True, help_text=_("Below DATA_DIR, where it made one."))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True, help_text=_("When its file is deleted."))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("started by")
    )
    api_key = models.ForeignKey(
        ApiKey, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("API key")
    )
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="job_created"),
            models.Index(fields=["created_by", "-created_at"], name="job_of_user"),
            models.Index(fields=["expires_at"], name="job_expires", condition=Q(expires_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(n_total=None) | Q(n_done__lte=F("n_total")), name="job_done_within_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def came_of_it(self) -> Any:
        """Its result; None of one that failed, which keeps its cause there."""
        return None if self.state == State.FAILED else self.result

    @property
    def why(self) -> str:
        """Why it failed, in the reader's language where it is a sentence of ours; empty where it did not."""
        cause = self.result.get("cause") if self.state == State.FAILED and isinstance(self.result, dict) else None
        return told(cause, otherwise=self.error)
