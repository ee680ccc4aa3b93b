"""Basic information: who the customer is."""

import polars as pl

from predictions.features.core import INT, INT_DAYS, LABEL, Feature
from predictions.features.core import gettext_noop as _
from predictions.features.terms import age_days, given

UNKNOWN = pl.lit("unknown")

customer_age_days = Feature(_("Days from the registration date to the as-of date."), INT_DAYS, age_days)
customer_type = Feature(
    _("The customer's type, as given."), LABEL, given("customer_type").fill_null(UNKNOWN), "unknown"
)
region = Feature(_("The customer's region, as given."), LABEL, given("region").fill_null(UNKNOWN), "unknown")
age_group = Feature(_("The customer's age group, as given."), LABEL, given("age_group").fill_null(UNKNOWN), "unknown")
gender = Feature(_("The customer's gender, as given."), LABEL, given("gender").fill_null(UNKNOWN), "unknown")
vip_level = Feature(_("The customer's VIP level, as given."), INT, given("vip_level").fill_null(0), "0")
account_status = Feature(
    _("The account status at the as-of date: active where it began on that date or later, else as given."),
    LABEL,
    # The engine says whether the status had begun; one that had not counts as active, whatever it is, blank too.
    pl.when(given("status_begun")).then(given("account_status").fill_null(UNKNOWN)).otherwise(pl.lit("active")),
    "unknown",
)
registration_channel = Feature(
    _("How the customer came, as given."), LABEL, given("registration_channel").fill_null(UNKNOWN), "unknown"
)
