"""The tables of facts."""

from customers.models.accounts import Activity, Deal, Ticket
from customers.models.archive import ArchiveFile
from customers.models.customer import Customer, Link
from customers.models.events import Interaction, Transaction
from customers.models.holds import Hold, Suppression
from customers.models.imports import ImportFile, ImportProfile, SetAsideRow
from customers.models.interventions import Intervention
from customers.models.runs import Run, Step

__all__ = [
    "Activity",
    "ArchiveFile",
    "Customer",
    "Deal",
    "Hold",
    "ImportFile",
    "ImportProfile",
    "Interaction",
    "Intervention",
    "Link",
    "Run",
    "SetAsideRow",
    "Step",
    "Suppression",
    "Ticket",
    "Transaction",
]
