"""Rows that are deals: sales and renewals of business customers."""

from customers.ingest.declare import Column, Kind
from customers.ingest.values import Amount, Choice, Date, Number, Text
from customers.models import Deal
from customers.models.accounts import DEAL_STAGES

KIND = Kind(
    name="sales",
    model=Deal,
    key="deal_id",
    columns=(
        Column(name="deal_id", value=Text(most=64, is_id=True), required=True),
        Column(name="customer_id", value=Text(most=50, is_id=True), required=True, is_reference=True, field="customer"),
        Column(name="deal_date", value=Date(), required=True),
        Column(name="deal_amount", value=Amount(may_be_zero=True), required=True),
        Column(name="deal_stage", value=Choice(choices=DEAL_STAGES)),
        Column(name="account_manager", value=Text(most=100)),
        Column(name="product_type", value=Text(most=100)),
        Column(name="contract_length", value=Number(least=0, most=10_000)),
        Column(name="renewal_date", value=Date(may_be_future=True)),
    ),
)
