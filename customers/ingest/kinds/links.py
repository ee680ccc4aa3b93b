"""Rows that are friendships: either way round is the same link, and the earliest date given counts."""

from customers.ingest.declare import Column, Kind
from customers.ingest.values import Date, Text
from customers.models import Link

KIND = Kind(
    name="links",
    model=Link,
    columns=(
        Column(name="customer_id", value=Text(most=50, is_id=True), required=True, is_reference=True, field="low"),
        Column(name="friend_id", value=Text(most=50, is_id=True), required=True, is_reference=True, field="high"),
        Column(name="since", value=Date(), required=True),
    ),
)
