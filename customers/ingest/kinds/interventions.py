"""Rows that are what was done to keep customers, as the CRM reports it: a coupon, a call, an e-mail."""

from customers.ingest.declare import Column, Kind
from customers.ingest.values import Amount, Moment, Text
from customers.models import Intervention

KIND = Kind(
    name="interventions",
    model=Intervention,
    key="intervention_id",
    event_time="occurred_at",
    columns=(
        Column(name="intervention_id", value=Text(most=64, is_id=True), required=True),
        Column(name="customer_id", value=Text(most=50, is_id=True), required=True, is_reference=True, field="customer"),
        Column(name="kind", value=Text(most=50), required=True),
        Column(name="channel", value=Text(most=50)),
        Column(name="occurred_at", value=Moment(), required=True),
        Column(name="cost", value=Amount(may_be_zero=True), blank="0"),
        Column(name="note", value=Text(most=2_000)),
    ),
)
