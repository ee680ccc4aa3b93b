"""Who may call the API: keys of machines, and the answers kept for calls that are sent again."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiKey(models.Model):
    """A machine's key: shown once when it is made, then only its hash is here.

    A key is replaced by making its successor, which leaves the old one valid until a date: both work meanwhile.
    """

    name = models.CharField(_("name"), max_length=100, help_text=_("Which system uses it."))
    prefix = models.CharField(
        _("prefix"), max_length=8, unique=True, editable=False, help_text=_("How the key begins, to tell keys apart.")
    )
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list, help_text=_("What it may do; nothing else is open to it."))
    requests_per_minute = models.PositiveIntegerField(
        _("requests a minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Blank takes the setting API_REQUESTS_PER_MINUTE."),
    )
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Blank does not expire by itself.")
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    replaces = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="successor",
        verbose_name=_("replaces"),
    )
    last_used_on = models.DateField(_("last used on"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["name", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(digest=""), name="api_key_has_digest")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_valid(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class Answer(models.Model):
    """The first answer to a call with an Idempotency-Key; a repeated call gets it again for 24 hours."""

    caller = models.CharField(_("caller"), max_length=40)
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, help_text=_("Of the method, address and body."))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    headers: Any = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"), default=b"")
    created_at = models.DateTimeField(_("created at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.caller} {self.status}"
