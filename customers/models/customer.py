"""Customers and the links between them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

PAYMENT_STATUSES = ("current", "late", "overdue")


class Customer(models.Model):
    """A customer as the source describes it: the latest values given, without dates of change."""

    class PaymentStatus(models.TextChoices):
        CURRENT = "current", _("current")
        LATE = "late", _("late")
        OVERDUE = "overdue", _("overdue")

    customer_id = models.CharField(
        _("customer ID"), max_length=50, unique=True, help_text=_("The source's own identifier, kept as text.")
    )
    registered_on = models.DateField(_("registered on"), help_text=_("The date on which the customer registered."))
    name = models.CharField(_("name"), max_length=200, blank=True, help_text=_("The name to show to staff."))
    customer_type = models.CharField(
        _("customer type"), max_length=100, blank=True, help_text=_("The kind of customer, in the source's own words.")
    )
    region = models.CharField(_("region"), max_length=100, blank=True, help_text=_("Where the customer is."))
    age_group = models.CharField(_("age group"), max_length=100, blank=True, help_text=_("A range of ages."))
    gender = models.CharField(_("gender"), max_length=100, blank=True, help_text=_("As the source gives it."))
    vip_level = models.PositiveIntegerField(
        _("VIP level"), null=True, blank=True, help_text=_("A whole number from 0; blank counts as 0.")
    )
    account_status = models.CharField(
        _("account status"),
        max_length=100,
        blank=True,
        help_text=_("Only customers with the status active, or none, are scored."),
    )
    status_since = models.DateField(
        _("status since"),
        null=True,
        blank=True,
        help_text=_("The date from which the account status holds; before it the account counts as active."),
    )
    registration_channel = models.CharField(
        _("registration channel"), max_length=100, blank=True, help_text=_("How the customer came.")
    )
    referred_by = models.CharField(
        _("referred by"),
        max_length=50,
        blank=True,
        help_text=_("The customer ID of the referrer; counts once that customer is known."),
    )
    industry = models.CharField(_("industry"), max_length=100, blank=True, help_text=_("What the customer does."))
    company_size = models.CharField(
        _("company size"), max_length=100, blank=True, help_text=_("In the source's own words, such as 50-200.")
    )
    contract_date = models.DateField(
        _("contract date"), null=True, blank=True, help_text=_("The date on which the contract began.")
    )
    contract_length_months = models.FloatField(
        _("contract length"), null=True, blank=True, help_text=_("In months, from 0.")
    )
    payment_status = models.CharField(
        _("payment status"),
        max_length=10,
        choices=PaymentStatus.choices,
        blank=True,
        help_text=_("Whether bills are paid: current, late or overdue."),
    )
    nps_score = models.FloatField(
        _("NPS"), null=True, blank=True, help_text=_("The net promoter score, from −100 to 100.")
    )
    onboarding_completed = models.BooleanField(
        _("onboarding completed"), null=True, blank=True, help_text=_("Whether the start with the product was made.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [("view_personal", "Can see names and other personal data")]
        indexes = [
            models.Index(fields=["registered_on"], name="customer_registered"),
            models.Index(fields=["updated_at", "customer_id"], name="customer_changed"),
            models.Index(fields=["referred_by"], name="customer_referred_by", condition=~Q(referred_by="")),
            models.Index(fields=["region"], name="customer_region"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(customer_id=""), name="customer_has_id"),
            models.CheckConstraint(
                condition=Q(payment_status__in=("", *PAYMENT_STATUSES)), name="customer_payment_status_known"
            ),
            models.CheckConstraint(
                condition=Q(nps_score=None) | Q(nps_score__range=(-100, 100)), name="customer_nps_in_range"
            ),
            models.CheckConstraint(
                condition=Q(contract_length_months=None) | Q(contract_length_months__gte=0),
                name="customer_contract_not_negative",
            ),
        ]

    def __str__(self) -> str:
        from customers.personal.masking import label  # which knows who looks, and that the models

        return label(self.customer_id, self.name)


class Link(models.Model):
    """A friendship between two customers; stored once, whichever way round it was given."""

    low = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", verbose_name=_("customer"), help_text=_("One of the two.")
    )
    high = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", verbose_name=_("friend"), help_text=_("The other.")
    )
    since = models.DateField(
        _("since"), help_text=_("The date on which the link was made; the earliest, if it was given more than once.")
    )

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="link_once"),
            models.CheckConstraint(condition=Q(low__lte=F("high")), name="link_low_to_high"),
        ]

    def __str__(self) -> str:
        return f"{self.low} – {self.high}"
