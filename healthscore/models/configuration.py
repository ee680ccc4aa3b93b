"""Every number of the score, in versions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from healthscore.dimensions.configuration import Configuration


class ConfigurationVersion(models.Model):
    """A whole configuration, never edited: a change is a new version. One is active; the others tell what was."""

    class Source(models.TextChoices):
        DEFAULT = "default", _("default")
        EDITED = "edited", _("edited by staff")
        RUN = "run", _("given for one run")

    document = models.JSONField(_("numbers"), help_text=_("Every weight, window, threshold, tier and target."))
    digest = models.CharField(
        _("digest"),
        max_length=16,
        unique=True,
        help_text=_("Tells configurations apart: equal ones have equal digests."),
    )
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    note = models.CharField(_("note"), max_length=500, blank=True, help_text=_("Why it was made."))
    is_active = models.BooleanField(
        pgettext_lazy("configuration", "active"), default=False, help_text=_("The daily job scores with it.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("activated by"),
    )
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True)

    class Meta:
        verbose_name = _("health score configuration")
        verbose_name_plural = _("health score configurations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="health_configuration_one_active"
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | ~Q(activated_at=None), name="health_configuration_active_since"
            ),
        ]
        permissions = [("activate_configurationversion", "Can activate health score configurations")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.digest}"

    @property
    def configuration(self) -> Configuration:
        """The numbers, checked."""
        return Configuration.of(self.document)
