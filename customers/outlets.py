"""Every way out of the system that names customers, declared in a line: what it shows, and how it meets the boundary.

Each app has a module `outlets` with its OUTLETS. A contract test walks all addresses, admin actions, commands, tasks
and events of webhooks: one that names a customer and is not declared fails it, and each declared one is tried with held
customers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

__all__ = ["OUTLETS", "Kind", "Outlet", "declared"]


class Kind(StrEnum):
    TREATMENT = "treatment"
    """Says whom to treat: held customers are not on it, and that they were kept off is recorded."""

    MARKED = "marked"
    """Shows everybody with a risk or a turn: held customers are marked as held back, with the reason and its end."""

    RECORD = "record"
    """Facts for whoever keeps, checks or analyses them; it does not say whom to treat."""

    SILENT = "silent"
    """Names no customer; declared where a test cannot see that for itself, as of commands and tasks."""


@dataclass(frozen=True)
class Outlet:
    """`way` is how it is found: "url NAME", "action MODEL NAME", "command NAME", "task NAME", "event KIND" (sent to
    webhooks) or "function PATH".

    `recorded_as` is the name under which a treatment outlet records whom it kept off.
    """

    way: str
    kind: Kind
    shows: str
    recorded_as: str = ""


OUTLETS = (
    Outlet("url admin:customers_customer_changelist", Kind.RECORD, "customers with their profiles"),
    Outlet("url admin:customers_customer_change", Kind.MARKED, "a customer's page with risk, reasons and history"),
    Outlet("url admin:customers_customer_case", Kind.SILENT, "nothing; it takes a customer on, or a note"),
    Outlet("url admin:customers_customer_hand_out", Kind.RECORD, "everything that is kept of one customer, on request"),
    Outlet("url admin:customers_customer_erase", Kind.RECORD, "the customer whose data are to be erased"),
    Outlet("url admin:customers_auditentry_change", Kind.RECORD, "what was written, with the values before and after"),
    Outlet("url admin:customers_customer_history", Kind.RECORD, "who edited a customer in the admin"),
    Outlet("url admin:customers_transaction_changelist", Kind.RECORD, "transactions"),
    Outlet("url admin:customers_transaction_change", Kind.RECORD, "a transaction"),
    Outlet("url admin:customers_interaction_changelist", Kind.RECORD, "interactions"),
    Outlet("url admin:customers_interaction_change", Kind.RECORD, "an interaction"),
    Outlet("url admin:customers_deal_changelist", Kind.RECORD, "deals"),
    Outlet("url admin:customers_deal_change", Kind.RECORD, "a deal"),
    Outlet("url admin:customers_ticket_changelist", Kind.RECORD, "support tickets"),
    Outlet("url admin:customers_ticket_change", Kind.RECORD, "a support ticket"),
    Outlet("url admin:customers_activity_changelist", Kind.RECORD, "activity"),
    Outlet("url admin:customers_activity_change", Kind.RECORD, "an activity"),
    Outlet("url admin:customers_link_changelist", Kind.RECORD, "links"),
    Outlet("url admin:customers_link_change", Kind.RECORD, "a link"),
    Outlet("url admin:customers_link_history", Kind.RECORD, "who edited a link in the admin"),
    Outlet("url admin:customers_intervention_changelist", Kind.RECORD, "measures that were taken"),
    Outlet("url admin:customers_intervention_change", Kind.RECORD, "a measure that was taken"),
    Outlet("url admin:customers_hold_changelist", Kind.RECORD, "who is held back"),
    Outlet("url admin:customers_hold_change", Kind.RECORD, "a hold"),
    Outlet("url admin:customers_suppression_changelist", Kind.RECORD, "who was kept off a list"),
    Outlet("url admin:customers_suppression_change", Kind.RECORD, "somebody who was kept off a list"),
    Outlet("url admin:customers_setasiderow_change", Kind.RECORD, "a row that could not go in"),
    Outlet("url admin:customers_setasiderow_export", Kind.RECORD, "rows that could not go in, as CSV, to be mended"),
    Outlet("url admin:customers_setasiderow_export_xlsx", Kind.RECORD, "rows that could not go in, as Excel"),
    Outlet("url admin:customers_customer_export", Kind.RECORD, "customers with their profiles as CSV"),
    Outlet("url admin:customers_customer_export_xlsx", Kind.RECORD, "customers with their profiles as Excel"),
    Outlet("url admin:customers_intervention_export", Kind.RECORD, "measures that were taken, as CSV"),
    Outlet("url admin:customers_intervention_export_xlsx", Kind.RECORD, "measures that were taken, as Excel"),
    Outlet(
        "url admin:customers_job_download", Kind.RECORD, "the file of a large list, which was let out as the list is"
    ),
    Outlet("url admin:customers_setasiderow_mend", Kind.RECORD, "a row that could not go in, to be mended"),
    Outlet("url admin:customers_setasiderow_mend_row", Kind.RECORD, "a row that could not go in, to be mended"),
    Outlet("url admin:autocomplete", Kind.RECORD, "customers to choose from in a form"),
    Outlet("url api:customers", Kind.RECORD, "customers with their profiles, for the CRM"),
    Outlet("url api:customer", Kind.RECORD, "a customer's profile, for the CRM"),
    Outlet("url api:timeline", Kind.SILENT, "what was done and happened, of the ID asked for"),
    *(
        Outlet(f"url api:{kind}_bulk", Kind.SILENT, "the rows that the caller sent, by their own IDs")
        for kind in ("transactions", "interactions", "links", "sales", "support", "activity", "interventions")
    ),
    Outlet("command import_data", Kind.RECORD, "rows of a file that were refused, with what they say"),
    Outlet("command purge_expired", Kind.SILENT, "numbers of rows that go to the archive"),
    Outlet("command export_customer", Kind.RECORD, "everything that is kept of one customer, on request"),
    Outlet("command erase_customer", Kind.SILENT, "numbers of rows that are erased"),
    Outlet("command report_data", Kind.RECORD, "an exploration of the data, with examples of doubled customers"),
    Outlet("task customers.export_list", Kind.RECORD, "a file of a list, which is let out as the list itself is"),
    Outlet("task customers.import_file", Kind.SILENT, "numbers of rows"),
    Outlet("task customers.process_waiting", Kind.SILENT, "numbers of rows"),
    Outlet("action customers.delivery send_again", Kind.SILENT, "numbers of deliveries"),
    Outlet("task customers.deliver", Kind.SILENT, "numbers of deliveries; each event asked the boundary itself"),
    Outlet("task customers.deliver_waiting", Kind.SILENT, "numbers of webhooks"),
    Outlet("task customers.forget_old", Kind.SILENT, "numbers of rows"),
    Outlet("event test", Kind.SILENT, "nothing"),
)


def declared() -> Iterator[Outlet]:
    """The outlets of every app that has some."""
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.outlets"):
            yield from import_module(f"{app.name}.outlets").OUTLETS
