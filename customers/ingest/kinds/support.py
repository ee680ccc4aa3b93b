"""Rows that are support tickets."""

from customers.ingest.declare import Column, DayOrder, Kind
from customers.ingest.values import Choice, Moment, Number, Text
from customers.models import Ticket
from customers.models.accounts import PRIORITIES

KIND = Kind(
    name="support",
    model=Ticket,
    key="ticket_id",
    columns=(
        Column(name="ticket_id", value=Text(most=64, is_id=True), required=True),
        Column(
            name="customer_id",
            value=Text(most=50, is_id=True),
            required=True,
            is_reference=True,
            by_deal=True,
            field="customer",
        ),
        Column(name="created_date", value=Moment(), required=True),
        Column(name="resolved_date", value=Moment()),
        Column(name="priority", value=Choice(choices=PRIORITIES)),
        Column(name="category", value=Text(most=100)),
        Column(name="satisfaction_score", value=Number(least=1, most=5)),
        Column(name="agent_id", value=Text(most=100)),
        Column(name="resolution_time", value=Number(least=-(10**9), most=10**9)),
    ),
    orders=(DayOrder(earlier="created_date", later="resolved_date"),),
)
