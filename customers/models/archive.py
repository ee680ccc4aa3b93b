"""What left the database: one row for each archived Parquet file."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ArchiveFile(models.Model):
    """A month of rows of one kind, in Parquet under DATA_DIR/archive, with its checksum."""

    kind = models.CharField(_("kind of rows"), max_length=20)
    month = models.DateField(_("month"), help_text=_("The first day of the month, in the business time zone."))
    path = models.CharField(_("path"), max_length=255, help_text=_("Below DATA_DIR."))
    n_rows = models.PositiveBigIntegerField(_("rows"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    written_at = models.DateTimeField(_("written at"), auto_now=True)

    class Meta:
        verbose_name = _("archive file")
        verbose_name_plural = _("archive files")
        ordering = ["kind", "month"]
        constraints = [models.UniqueConstraint(fields=["kind", "month"], name="archive_month_once")]

    def __str__(self) -> str:
        return self.path
