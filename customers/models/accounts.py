"""What a business customer's account shows: deals, support tickets, and the activity of its users."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models.customer import Customer

DEAL_STAGES = ("won", "lost", "open", "renewed")
PRIORITIES = ("low", "medium", "high", "urgent")


class Deal(models.Model):
    """A sale or a renewal."""

    class Stage(models.TextChoices):
        WON = "won", _("won")
        LOST = "lost", _("lost")
        OPEN = "open", _("open")
        RENEWED = "renewed", _("renewed")

    deal_id = models.CharField(
        _("deal ID"), max_length=64, unique=True, help_text=_("The source's own identifier, kept as text.")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="deals", verbose_name=_("customer"), db_index=False
    )
    deal_date = models.DateField(_("deal date"), help_text=_("The date of the deal."))
    deal_amount = models.DecimalField(
        _("deal amount"),
        max_digits=15,
        decimal_places=2,
        help_text=_("From 0, in the account currency, for the whole contract."),
    )
    deal_stage = models.CharField(
        _("deal stage"),
        max_length=10,
        choices=Stage.choices,
        blank=True,
        help_text=_("Only won and renewed deals bring revenue."),
    )
    account_manager = models.CharField(
        _("account manager"), max_length=100, blank=True, help_text=_("Who looks after the customer.")
    )
    product_type = models.CharField(_("product type"), max_length=100, blank=True, help_text=_("What was sold."))
    contract_length = models.FloatField(
        _("contract length"), null=True, blank=True, help_text=_("In months, from 0; without one it brings no revenue.")
    )
    renewal_date = models.DateField(
        _("renewal date"), null=True, blank=True, help_text=_("The date by which it is to be renewed.")
    )

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-deal_date", "deal_id"]
        indexes = [
            models.Index(fields=["customer", "-deal_date"], name="deal_customer_date"),
            models.Index(fields=["renewal_date"], name="deal_renewal"),
            models.Index(
                fields=["account_manager", "customer"], name="deal_account_manager", condition=~Q(account_manager="")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(deal_amount__gte=0) & Q(deal_amount__lte=10**12), name="deal_amount_in_range"
            ),
            models.CheckConstraint(condition=Q(deal_stage__in=("", *DEAL_STAGES)), name="deal_stage_known"),
            models.CheckConstraint(
                condition=Q(contract_length=None) | Q(contract_length__gte=0), name="deal_length_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.deal_id


class Ticket(models.Model):
    """A question or a complaint to support, and when it was solved."""

    class Priority(models.TextChoices):
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")
        URGENT = "urgent", _("urgent")

    ticket_id = models.CharField(
        _("ticket ID"), max_length=64, unique=True, help_text=_("The source's own identifier, kept as text.")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="tickets", verbose_name=_("customer"), db_index=False
    )
    created_date = models.DateTimeField(_("created"), help_text=_("When it was opened; a date alone is its 00:00."))
    resolved_date = models.DateTimeField(
        _("resolved"), null=True, blank=True, help_text=_("When it was solved; blank while it is open.")
    )
    priority = models.CharField(
        _("priority"),
        max_length=10,
        choices=Priority.choices,
        blank=True,
        help_text=_("Sets the hours within which it is to be solved."),
    )
    category = models.CharField(_("category"), max_length=100, blank=True, help_text=_("What it was about."))
    satisfaction_score = models.FloatField(
        _("satisfaction score"), null=True, blank=True, help_text=_("From 1 (bad) to 5 (good).")
    )
    agent_id = models.CharField(_("agent"), max_length=100, blank=True, help_text=_("Who dealt with it."))
    resolution_time = models.FloatField(
        _("resolution time"), null=True, blank=True, help_text=_("In hours, as the source gives it.")
    )

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-created_date", "ticket_id"]
        indexes = [
            models.Index(fields=["customer", "-created_date"], name="ticket_customer_time"),
            models.Index(fields=["created_date"], name="ticket_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(priority__in=("", *PRIORITIES)), name="ticket_priority_known"),
            models.CheckConstraint(
                condition=Q(satisfaction_score=None) | Q(satisfaction_score__range=(1, 5)),
                name="ticket_satisfaction_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return self.ticket_id


class Activity(models.Model):
    """What an account's users did: a login, a feature used, a call of the API; each row is one session.

    The source gives no id: `row_key` stands for the content and for how many rows alike came before it in its file.
    """

    row_key = models.CharField(
        _("row key"), max_length=44, unique=True, help_text=_("Tells rows apart: made of the content, and counted.")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="activities", verbose_name=_("customer"), db_index=False
    )
    date = models.DateTimeField(_("date"), help_text=_("When it happened; a date alone is its 00:00."))
    activity_type = models.CharField(
        _("activity type"), max_length=100, blank=True, help_text=_("Such as login, feature_use, integration, export.")
    )
    activity_value = models.FloatField(
        _("activity value"), null=True, blank=True, help_text=_("As the source gives it.")
    )
    user_count = models.PositiveBigIntegerField(_("users"), null=True, blank=True, help_text=_("How many took part."))
    session_duration = models.FloatField(
        _("session duration"), null=True, blank=True, help_text=_("In minutes, from 0.")
    )
    feature_name = models.CharField(
        pgettext_lazy("product", "feature"),
        max_length=100,
        blank=True,
        help_text=_("The feature that was used, in the source's own words."),
    )
    usage_depth = models.FloatField(
        _("usage depth"), null=True, blank=True, help_text=_("From 0 (touched) to 1 (used to the full).")
    )

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-date", "id"]
        indexes = [
            models.Index(fields=["customer", "-date"], name="activity_customer_time"),
            models.Index(fields=["date"], name="activity_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(session_duration=None) | Q(session_duration__gte=0), name="activity_duration_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(usage_depth=None) | Q(usage_depth__range=(0, 1)), name="activity_depth_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.activity_type} {self.date:%Y-%m-%d}"
