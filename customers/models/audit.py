"""What was written, by whom and when, with the values before and after: rows that triggers of the database add."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One write to one row, or one statement that added many; the database refuses to change or delete it.

    `user` outlives its row in the table of users, as `who` does; `customer_pk` has no foreign key for the same reason.
    """

    class Action(models.TextChoices):
        ADD = "add", _("added")
        CHANGE = "change", _("changed")
        DELETE = "delete", _("deleted")
        NOTE = "note", _("noted")

    class Via(models.TextChoices):
        ADMIN = "admin", _("admin pages")
        API = "api", _("API")
        IMPORT = "import", _("import")
        TASK = "task", _("background task")
        COMMAND = "command", _("command line")
        DATABASE = "database", _("database")

    at = models.DateTimeField(_("at"), default=timezone.now, help_text=_("The clock of the database."))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("user"),
    )
    who = models.CharField(_("who"), max_length=150, blank=True, help_text=_("The user's name at that time."))
    key = models.CharField(_("API key"), max_length=100, blank=True, help_text=_("The key's name at that time."))
    via = models.CharField(
        _("via"), max_length=8, choices=Via.choices, help_text=_("“Database” is whoever wrote without this program.")
    )
    source = models.CharField(
        _("source"), max_length=100, blank=True, help_text=_("The command, task or import file that wrote.")
    )
    action = models.CharField(_("action"), max_length=6, choices=Action.choices)
    event = models.CharField(_("event"), max_length=60, blank=True, help_text=_("What happened, of a note."))
    table = models.CharField(_("table"), max_length=63, blank=True, db_column="table_name")
    row = models.CharField(
        _("row"), max_length=64, blank=True, db_column="row_key", help_text=_("Its primary key; of many, the first.")
    )
    last_row = models.CharField(_("last row"), max_length=64, blank=True, help_text=_("Of many, the last."))
    n_rows = models.PositiveBigIntegerField(_("rows"), default=1)
    customer_pk = models.BigIntegerField(_("customer"), null=True, blank=True)
    before = models.JSONField(
        _("before"), null=True, blank=True, help_text=_("The columns that changed, as they were.")
    )
    after = models.JSONField(
        _("after"), null=True, blank=True, help_text=_("The columns that changed, as they became.")
    )
    batch = models.CharField(
        max_length=64, null=True, blank=True, editable=False, unique=True, help_text=_("The statement that is counted.")
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["table", "row"], name="audit_row"),
            models.Index(fields=["user", "id"], name="audit_user", condition=Q(user__isnull=False)),
            models.Index(fields=["customer_pk", "id"], name="audit_customer", condition=Q(customer_pk__isnull=False)),
            models.Index(fields=["via", "id"], name="audit_via", condition=~Q(via="import")),
            models.Index(fields=["action", "id"], name="audit_action", condition=~Q(action="change")),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.table or self.event}"
