"""What happened to a customer, all kinds in one list, newest first: the latest on the overview, all on a tab by pages.

An app adds a kind of its own with `register`. A page takes a query a kind, however much happened: of each kind as many
rows are read as the page could need.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.admin import panels
from customers.admin.panels import Panel
from customers.clock import start_of
from customers.models import Activity, CaseNote, Customer, Deal, Interaction, Intervention, Ticket, Transaction
from customers.personal import shown

__all__ = ["Entry", "Kind", "joined", "register"]

LATEST = 8
SHOWN = 30
MOST_PAGES = 100


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    occurred_at: dt.datetime
    icon: str
    title: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`entries` gives a customer's first so many entries, the newest first; `permission` is needed to see them."""

    name: str
    title: Any
    entries: Callable[[Customer, int], Iterable[Entry]]
    permission: str


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind to every customer's timeline; one of the same name takes the other's place."""
    _kinds[kind.name] = kind


def latest(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The last entries of all kinds together."""
    return {"entries": _merged(_seen(request), customer, LATEST)}


def timeline(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """A page of the kind that is asked for, or of all."""
    kinds = _seen(request)
    chosen = next((kind for kind in kinds if kind.name == request.GET.get("kind")), None)
    page = _page_of(request)
    found = _merged([chosen] if chosen else kinds, customer, page * SHOWN + 1)
    name = chosen.name if chosen else ""
    return {
        "entries": found[(page - 1) * SHOWN : page * SHOWN],
        "kinds": [("", _("All"), _link("", 1), chosen is None)]
        + [(kind.name, kind.title, _link(kind.name, 1), kind is chosen) for kind in kinds],
        "page": page,
        "newer": _link(name, page - 1) if page > 1 else "",
        "older": _link(name, page + 1) if len(found) > page * SHOWN and page < MOST_PAGES else "",
    }


def _seen(request: HttpRequest) -> list[Kind]:
    return [kind for kind in _kinds.values() if request.user.has_perm(kind.permission)]


def _merged(kinds: Iterable[Kind], customer: Customer, n: int) -> list[Entry]:
    entries = [entry for kind in kinds for entry in kind.entries(customer, n)]
    entries.sort(key=lambda entry: entry.occurred_at, reverse=True)
    return entries[:n]


def _page_of(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), MOST_PAGES) if asked.isdecimal() and len(asked) < 4 else 1


def _link(kind: str, page: int) -> str:
    asked = {"tab": "timeline", "kind": kind, "page": page if page > 1 else ""}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"


def _transactions(customer: Customer, n: int) -> Iterable[Entry]:
    return map(_transaction, customer.transactions.order_by("-occurred_at", "-pk")[:n])


def _transaction(row: Transaction) -> Entry:
    titles = {"completed": _("Purchase of %(amount)s"), "refunded": _("Refund of %(amount)s")}
    title = titles.get(row.status, _("Failed payment of %(amount)s")) % {"amount": f"{row.amount:,.2f}"}
    icons = {"completed": "shopping_cart", "refunded": "undo"}
    return Entry(
        row.occurred_at,
        icons.get(row.status, "credit_card_off"),
        title,
        joined(row.product_category, row.payment_method),
    )


def _interactions(customer: Customer, n: int) -> Iterable[Entry]:
    return map(_interaction, customer.interactions.order_by("-occurred_at", "-pk")[:n])


def _interaction(row: Interaction) -> Entry:
    rating = _("satisfaction %(score)s of 5") % {"score": row.satisfaction} if row.satisfaction else ""
    title = _("Contact: %(kind)s") % {"kind": row.get_kind_display()}
    channel = row.get_channel_display() if row.channel else ""
    return Entry(row.occurred_at, "chat", title, joined(channel, shown(row.topic), rating))


def _deals(customer: Customer, n: int) -> Iterable[Entry]:
    return map(_deal, customer.deals.order_by("-deal_date", "-pk")[:n])


def _deal(row: Deal) -> Entry:
    title = _("Deal of %(amount)s") % {"amount": f"{row.deal_amount:,.2f}"}
    return Entry(start_of(row.deal_date), "handshake", title, joined(row.get_deal_stage_display(), row.product_type))


def _tickets(customer: Customer, n: int) -> Iterable[Entry]:
    return map(_ticket, customer.tickets.order_by("-created_date", "-pk")[:n])


def _ticket(row: Ticket) -> Entry:
    title = _("Ticket %(ticket)s") % {"ticket": row.ticket_id}
    state = _("solved") if row.resolved_date else _("open")
    return Entry(row.created_date, "support_agent", title, joined(row.get_priority_display(), row.category, state))


def _activities(customer: Customer, n: int) -> Iterable[Entry]:
    return map(_activity, customer.activities.order_by("-date", "-pk")[:n])


def _activity(row: Activity) -> Entry:
    return Entry(row.date, "ads_click", _("Activity"), joined(row.activity_type, row.feature_name))


def _interventions(customer: Customer, n: int) -> Iterable[Entry]:
    rows = customer.interventions.select_related("recorded_by").order_by("-occurred_at", "-pk")
    return map(_intervention, rows[:n])


def _intervention(row: Intervention) -> Entry:
    title = _("Measure: %(kind)s") % {"kind": row.kind}
    return Entry(
        row.occurred_at, "volunteer_activism", title, joined(row.channel, shown(row.note), str(row.recorded_by or ""))
    )


def _notes(customer: Customer, n: int) -> Iterable[Entry]:
    return map(_note, customer.case_notes.select_related("author").order_by("-written_at", "-pk")[:n])


def _note(row: CaseNote) -> Entry:
    return Entry(row.written_at, "sticky_note_2", _("Note"), joined(shown(row.text), str(row.author or "")))


def joined(*parts: str) -> str:
    """Details in a row."""
    return " · ".join(part for part in parts if part)


for _kind in (
    Kind(
        name="transactions",
        title=gettext_lazy("Transactions"),
        entries=_transactions,
        permission="customers.view_transaction",
    ),
    Kind(
        name="interactions",
        title=gettext_lazy("Interactions"),
        entries=_interactions,
        permission="customers.view_interaction",
    ),
    Kind(
        name="interventions",
        title=gettext_lazy("Interventions"),
        entries=_interventions,
        permission="customers.view_intervention",
    ),
    Kind(name="notes", title=gettext_lazy("Notes"), entries=_notes, permission="customers.view_casenote"),
    Kind(name="deals", title=gettext_lazy("Deals"), entries=_deals, permission="customers.view_deal"),
    Kind(name="tickets", title=gettext_lazy("Tickets"), entries=_tickets, permission="customers.view_ticket"),
    Kind(name="activity", title=gettext_lazy("Activity"), entries=_activities, permission="customers.view_activity"),
):
    register(_kind)

panels.register(Panel(name="latest", position=40, template="admin/customers/panels/latest.html", context=latest))
panels.register(
    Panel(
        name="timeline",
        position=10,
        template="admin/customers/panels/timeline.html",
        context=timeline,
        tab="timeline",
    )
)
