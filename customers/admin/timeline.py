"""What a customer did last: events, deals, tickets, activity and measures in one list, newest first, a query a kind."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from customers.admin.panels import Panel, register
from customers.clock import start_of
from customers.models import Activity, Customer, Deal, Interaction, Intervention, Ticket, Transaction

SHOWN = 30


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    occurred_at: dt.datetime
    icon: str
    title: str
    detail: str


def timeline(_request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The last entries of all kinds together."""
    entries = [
        *map(_transaction, customer.transactions.order_by("-occurred_at")[:SHOWN]),
        *map(_interaction, customer.interactions.order_by("-occurred_at")[:SHOWN]),
        *map(_deal, customer.deals.order_by("-deal_date")[:SHOWN]),
        *map(_ticket, customer.tickets.order_by("-created_date")[:SHOWN]),
        *map(_activity, customer.activities.order_by("-date")[:SHOWN]),
        *map(_intervention, customer.interventions.order_by("-occurred_at")[:SHOWN]),
    ]
    entries.sort(key=lambda entry: entry.occurred_at, reverse=True)
    return {"entries": entries[:SHOWN], "shown": SHOWN}


def _transaction(row: Transaction) -> Entry:
    titles = {"completed": _("Purchase of %(amount)s"), "refunded": _("Refund of %(amount)s")}
    title = titles.get(row.status, _("Failed payment of %(amount)s")) % {"amount": f"{row.amount:,.2f}"}
    icons = {"completed": "shopping_cart", "refunded": "undo"}
    return Entry(
        row.occurred_at,
        icons.get(row.status, "credit_card_off"),
        title,
        _joined(row.product_category, row.payment_method),
    )


def _interaction(row: Interaction) -> Entry:
    rating = _("satisfaction %(score)s of 5") % {"score": row.satisfaction} if row.satisfaction else ""
    title = _("Contact: %(kind)s") % {"kind": row.get_kind_display()}
    channel = row.get_channel_display() if row.channel else ""
    return Entry(row.occurred_at, "chat", title, _joined(channel, row.topic, rating))


def _deal(row: Deal) -> Entry:
    title = _("Deal of %(amount)s") % {"amount": f"{row.deal_amount:,.2f}"}
    return Entry(start_of(row.deal_date), "handshake", title, _joined(row.get_deal_stage_display(), row.product_type))


def _ticket(row: Ticket) -> Entry:
    title = _("Ticket %(ticket)s") % {"ticket": row.ticket_id}
    state = _("solved") if row.resolved_date else _("open")
    return Entry(row.created_date, "support_agent", title, _joined(row.get_priority_display(), row.category, state))


def _activity(row: Activity) -> Entry:
    return Entry(row.date, "ads_click", _("Activity"), _joined(row.activity_type, row.feature_name))


def _intervention(row: Intervention) -> Entry:
    title = _("Measure: %(kind)s") % {"kind": row.kind}
    return Entry(row.occurred_at, "volunteer_activism", title, _joined(row.channel, row.note))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


register(Panel(name="timeline", position=60, template="admin/customers/panels/timeline.html", context=timeline))
