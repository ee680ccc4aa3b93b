"""That a customer's data were erased: a certificate of what was done, and a mark that keeps them from coming back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ErasureCertificate(models.Model):
    """What was done to a customer's data on request; it names nobody, and is kept."""

    digest = models.CharField(
        _("digest of the customer ID"),
        max_length=64,
        db_index=True,
        help_text=_("HMAC-SHA-256 with the key of this installation: whoever has the ID can find the certificate."),
    )
    pseudonym = models.CharField(
        _("pseudonym"), max_length=50, blank=True, help_text=_("What frozen analyses call the customer from now on.")
    )
    reason = models.TextField(_("reason"), help_text=_("Which request it answers; name nobody here."))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("erased by"),
        help_text=_("Blank where it was the command line."),
    )
    who = models.CharField(_("erased by, as named then"), max_length=150, blank=True)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    completed_at = models.DateTimeField(
        _("completed at"), null=True, blank=True, help_text=_("Blank while files are left to do; erase again to go on.")
    )
    erased = models.JSONField(_("erased"), default=dict, help_text=_("Rows by table and file."))
    kept = models.JSONField(_("kept"), default=list, help_text=_("What was kept without a name, and why."))

    class Meta:
        verbose_name = _("certificate of erasure")
        verbose_name_plural = _("certificates of erasure")
        ordering = ["-started_at", "-id"]
        default_permissions = ("view",)
        permissions = [("erase_customer", "Can export and erase a customer's data")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Tombstone(models.Model):
    """An erased customer ID, as a digest: rows that name it are refused until somebody lets the customer come back."""

    digest = models.CharField(_("digest of the customer ID"), max_length=64, unique=True)
    certificate = models.ForeignKey(
        ErasureCertificate, models.PROTECT, related_name="tombstones", verbose_name=_("certificate")
    )

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")
        default_permissions = ()

    def __str__(self) -> str:
        return f"#{self.pk}"
