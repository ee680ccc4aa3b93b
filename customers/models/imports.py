"""What came in: profiles, files, and the rows set aside from them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ImportProfile(models.Model):
    """How a source's own names and values become ours."""

    name = models.SlugField(
        _("name"), max_length=50, unique=True, help_text=_("The name that import_data --profile takes.")
    )
    description = models.TextField(_("description"), blank=True, help_text=_("Which source it is for."))
    rules = models.JSONField(
        _("rules"),
        default=dict,
        help_text=_("For each kind of row: columns, values, filters and sums, as the import guide describes."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("import profile")
        verbose_name_plural = _("import profiles")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse rules that no import could follow, with every reason."""
        from customers.ingest.profiles import check  # which knows the kinds of rows, and they the models

        if problems := check(self.rules):
            said = gettext("The rules cannot be used: %(problem)s")
            raise ValidationError({"rules": [said % {"problem": problem} for problem in problems]})


class ImportFile(models.Model):
    """One file (or one call of the API) that came in, and what became of its rows."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    class Source(models.TextChoices):
        COMMAND = "command", _("command line")
        UPLOAD = "upload", _("upload")
        API = "api", _("API")

    name = models.CharField(_("file name"), max_length=255)
    kind = models.CharField(_("kind of rows"), max_length=20)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    upload = models.FileField(_("file"), upload_to="imports/%Y/%m/", blank=True)
    profile = models.ForeignKey(
        ImportProfile, models.SET_NULL, null=True, blank=True, related_name="files", verbose_name=_("profile")
    )
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, db_index=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    message = models.TextField(_("message"), blank=True, help_text=_("Why the file was refused or failed."))
    n_read = models.PositiveBigIntegerField(_("rows read"), default=0)
    n_added = models.PositiveBigIntegerField(_("added"), default=0)
    n_updated = models.PositiveBigIntegerField(_("updated"), default=0)
    n_unchanged = models.PositiveBigIntegerField(_("unchanged"), default=0)
    n_set_aside = models.PositiveBigIntegerField(_("set aside"), default=0)
    ignored_columns = models.JSONField(_("ignored columns"), default=list, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(n_read=F("n_added") + F("n_updated") + F("n_unchanged") + F("n_set_aside")),
                name="import_counts_every_row",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SetAsideRow(models.Model):
    """A row that could not go in, with its raw text and every reason; a waiting one goes in once its customer comes."""

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="set_aside_rows", verbose_name=_("import"))
    kind = models.CharField(_("kind of rows"), max_length=20)
    line = models.PositiveBigIntegerField(_("line"))
    raw = models.JSONField(_("raw text"), help_text=_("Column names and cells as they were read."))
    n_rows = models.PositiveBigIntegerField(
        _("rows"), default=1, help_text=_("How many rows of the file it stands for; a sum has several.")
    )
    is_mapped = models.BooleanField(
        _("mapped"), default=False, help_text=_("Whether its cells have our names already, as those of a sum.")
    )
    mended = models.JSONField(_("mended text"), null=True, blank=True, help_text=_("The cells as staff changed them."))
    key = models.CharField(_("ID"), max_length=64, blank=True, help_text=_("The row's own ID, where it waits."))
    awaits = models.CharField(_("next customer"), max_length=50, blank=True)
    awaits_deal = models.CharField(
        _("waits for deal"),
        max_length=64,
        blank=True,
        default="",
        help_text=_("The unknown deal whose customer is the row's."),
    )
    reasons = models.JSONField(_("reasons"), help_text=_("Each with its column and a message."))
    customer_ids = models.JSONField(
        _("waits for customers"), default=list, help_text=_("Unknown customers whose arrival lets the row go in.")
    )
    is_waiting = models.BooleanField(_("waits for a customer"), default=False)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolution = models.CharField(_("resolution"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("row set aside")
        verbose_name_plural = _("rows set aside")
        ordering = ["-file", "line"]
        indexes = [
            models.Index(
                fields=["kind", "id"], name="set_aside_waiting", condition=Q(is_waiting=True, resolved_at=None)
            ),
            models.Index(fields=["awaits"], name="set_aside_awaits", condition=Q(is_waiting=True, resolved_at=None)),
            models.Index(
                fields=["awaits_deal"],
                name="set_aside_deal",
                condition=Q(is_waiting=True, resolved_at=None) & ~Q(awaits_deal=""),
            ),
            models.Index(fields=["kind", "key"], name="set_aside_key", condition=Q(is_waiting=True, resolved_at=None)),
        ]
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="set_aside_line_once")]

    def __str__(self) -> str:
        return f"{self.file} {self.line}"
