"""Rows that are purchases, refunds and failed payments."""

from customers.churn import PURCHASE_STATUS, TRANSACTION_STATUSES
from customers.ingest.declare import Column, Kind
from customers.ingest.values import Amount, Choice, Moment, Text
from customers.models import Transaction

KIND = Kind(
    name="transactions",
    model=Transaction,
    key="transaction_id",
    event_time="occurred_at",
    columns=(
        Column(name="transaction_id", value=Text(most=64, is_id=True), required=True),
        Column(name="customer_id", value=Text(most=50, is_id=True), required=True, is_reference=True, field="customer"),
        Column(name="occurred_at", value=Moment(), required=True),
        Column(name="amount", value=Amount(), required=True),
        Column(name="product_category", value=Text(most=100)),
        Column(name="payment_method", value=Text(most=100)),
        Column(name="status", value=Choice(choices=TRANSACTION_STATUSES), blank=PURCHASE_STATUS),
    ),
)
