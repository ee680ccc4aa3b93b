"""Rows that are contacts: logins, pages seen, searches, calls, and so on."""

from customers.churn import CHANNELS, INTERACTION_KINDS
from customers.ingest.declare import Column, Kind
from customers.ingest.values import Choice, Integer, Moment, Text
from customers.models import Interaction

KIND = Kind(
    name="interactions",
    model=Interaction,
    key="interaction_id",
    event_time="occurred_at",
    columns=(
        Column(name="interaction_id", value=Text(most=64, is_id=True), required=True),
        Column(name="customer_id", value=Text(most=50, is_id=True), required=True, is_reference=True, field="customer"),
        Column(name="occurred_at", value=Moment(), required=True),
        Column(name="kind", value=Choice(choices=INTERACTION_KINDS), required=True),
        Column(name="channel", value=Choice(choices=CHANNELS)),
        Column(name="duration_seconds", value=Integer(most=2**63 - 1)),
        Column(name="page_depth", value=Integer(most=2**63 - 1)),
        Column(name="satisfaction", value=Integer(least=1, most=5)),
        Column(name="topic", value=Text(most=200)),
    ),
)
