"""Rows that describe customers."""

from customers.ingest.declare import Column, Kind
from customers.ingest.values import Choice, Date, Flag, Integer, Number, Text
from customers.models import Customer
from customers.models.customer import PAYMENT_STATUSES

KIND = Kind(
    name="customers",
    model=Customer,
    key="customer_id",
    columns=(
        Column(name="customer_id", value=Text(most=50, is_id=True), required=True),
        Column(name="registered_on", value=Date(), required=True),
        Column(name="name", value=Text(most=200)),
        Column(name="customer_type", value=Text(most=100)),
        Column(name="region", value=Text(most=100)),
        Column(name="age_group", value=Text(most=100)),
        Column(name="gender", value=Text(most=100)),
        Column(name="vip_level", value=Integer()),
        Column(name="account_status", value=Text(most=100)),
        Column(name="status_since", value=Date(may_be_future=True)),
        Column(name="registration_channel", value=Text(most=100)),
        Column(name="referred_by", value=Text(most=50, is_id=True)),
        Column(name="industry", value=Text(most=100)),
        Column(name="company_size", value=Text(most=100)),
        Column(name="contract_date", value=Date(may_be_future=True)),
        Column(name="contract_length_months", value=Number(least=0, most=10_000)),
        Column(name="payment_status", value=Choice(choices=PAYMENT_STATUSES)),
        Column(name="nps_score", value=Number(least=-100, most=100)),
        Column(name="onboarding_completed", value=Flag()),
    ),
)
