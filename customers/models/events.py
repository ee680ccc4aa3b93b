"""What customers did: transactions and interactions, 180 days of them online, the rest in the archive."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.churn import CHANNELS, INTERACTION_KINDS, TRANSACTION_STATUSES
from customers.models.customer import Customer


class Transaction(models.Model):
    """A purchase, a refund or a payment that failed."""

    class Status(models.TextChoices):
        COMPLETED = "completed", _("completed")
        REFUNDED = "refunded", _("refunded")
        FAILED = "failed", _("failed")

    transaction_id = models.CharField(
        _("transaction ID"), max_length=64, unique=True, help_text=_("The source's own identifier, kept as text.")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="transactions", verbose_name=_("customer"), db_index=False
    )
    occurred_at = models.DateTimeField(_("occurred at"), help_text=_("When it happened."))
    amount = models.DecimalField(
        _("amount"),
        max_digits=15,
        decimal_places=2,
        help_text=_("Above 0, in the account currency, with at most 2 decimal places."),
    )
    product_category = models.CharField(
        _("product category"), max_length=100, blank=True, help_text=_("What was bought, in the source's own words.")
    )
    payment_method = models.CharField(
        _("payment method"), max_length=100, blank=True, help_text=_("How it was paid, in the source's own words.")
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=Status.choices,
        default=Status.COMPLETED,
        help_text=_("Only completed transactions are purchases; blank is completed."),
    )

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        indexes = [
            models.Index(fields=["customer", "-occurred_at"], name="transaction_customer_time"),
            models.Index(fields=["occurred_at"], name="transaction_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(amount__lte=10**12), name="transaction_amount_in_range"
            ),
            models.CheckConstraint(condition=Q(status__in=TRANSACTION_STATUSES), name="transaction_status_known"),
        ]

    def __str__(self) -> str:
        return self.transaction_id


class Interaction(models.Model):
    """A contact: a login, a page seen, a search, a call for support, and so on."""

    class Kind(models.TextChoices):
        LOGIN = "login", _("login")
        BROWSE = "browse", _("browse")
        SEARCH = "search", _("search")
        SUPPORT = "support", _("support")
        COMPLAINT = "complaint", _("complaint")
        FEEDBACK = "feedback", _("feedback")
        UNSUBSCRIBE = "unsubscribe", _("unsubscribe")
        SECURITY = "security", _("security")

    class Channel(models.TextChoices):
        WEB = "web", _("web")
        MOBILE = "mobile", _("mobile")
        PHONE = "phone", _("phone")
        EMAIL = "email", _("email")
        STORE = "store", _("store")

    interaction_id = models.CharField(
        _("interaction ID"), max_length=64, unique=True, help_text=_("The source's own identifier, kept as text.")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="interactions", verbose_name=_("customer"), db_index=False
    )
    occurred_at = models.DateTimeField(_("occurred at"), help_text=_("When it happened."))
    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=Kind.choices,
        help_text=_("All but unsubscribe and security count as activity."),
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, blank=True, help_text=_("Where."))
    duration_seconds = models.PositiveBigIntegerField(
        _("duration"), null=True, blank=True, help_text=_("In seconds, from 0.")
    )
    page_depth = models.PositiveBigIntegerField(
        _("page depth"), null=True, blank=True, help_text=_("The number of pages seen, from 0.")
    )
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction"), null=True, blank=True, help_text=_("From 1 (bad) to 5 (good).")
    )
    topic = models.CharField(
        _("topic"), max_length=200, blank=True, help_text=_("What it was about; competitor is a risk signal.")
    )

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        indexes = [
            models.Index(fields=["customer", "-occurred_at"], name="interaction_customer_time"),
            models.Index(fields=["occurred_at"], name="interaction_time"),
            models.Index(fields=["customer"], condition=Q(kind="unsubscribe"), name="interaction_unsubscribe"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=INTERACTION_KINDS), name="interaction_kind_known"),
            models.CheckConstraint(condition=Q(channel__in=("", *CHANNELS)), name="interaction_channel_known"),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="interaction_satisfaction_1_to_5",
            ),
        ]

    def __str__(self) -> str:
        return self.interaction_id
