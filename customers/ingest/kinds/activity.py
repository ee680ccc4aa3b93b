"""Rows that are what an account's users did; they have no id, so rows alike in a file are counted."""

from customers.ingest.declare import Column, Kind
from customers.ingest.values import Integer, Moment, Number, Text
from customers.models import Activity

KIND = Kind(
    name="activity",
    model=Activity,
    key="row_key",
    is_counted=True,
    event_time="date",
    columns=(
        Column(
            name="customer_id",
            value=Text(most=50, is_id=True),
            required=True,
            is_reference=True,
            by_deal=True,
            field="customer",
        ),
        Column(name="date", value=Moment(), required=True),
        Column(name="activity_type", value=Text(most=100)),
        Column(name="activity_value", value=Number(least=-(10**15), most=10**15)),
        Column(name="user_count", value=Integer(most=2**63 - 1)),
        Column(name="session_duration", value=Number(least=0, most=10**9)),
        Column(name="feature_name", value=Text(most=100)),
        Column(name="usage_depth", value=Number(least=0, most=1)),
    ),
)
