"""The tables of facts."""

from customers.models.access import Answer, ApiKey
from customers.models.accounts import Activity, Deal, Ticket
from customers.models.archive import ArchiveFile
from customers.models.audit import AuditEntry
from customers.models.customer import Customer, Link
from customers.models.erasure import ErasureCertificate, Tombstone
from customers.models.events import Interaction, Transaction
from customers.models.holds import Hold, Suppression
from customers.models.imports import ImportFile, ImportProfile, SetAsideRow
from customers.models.interventions import Intervention
from customers.models.jobs import Job
from customers.models.outbox import Delivery, Event, Webhook
from customers.models.runs import Run, Step
from customers.models.scopes import UserScope
from customers.models.work import Assignee, CaseNote

__all__ = [
    "Activity",
    "Answer",
    "ApiKey",
    "ArchiveFile",
    "Assignee",
    "AuditEntry",
    "CaseNote",
    "Customer",
    "Deal",
    "Delivery",
    "ErasureCertificate",
    "Event",
    "Hold",
    "ImportFile",
    "ImportProfile",
    "Interaction",
    "Intervention",
    "Job",
    "Link",
    "Run",
    "SetAsideRow",
    "Step",
    "Suppression",
    "Ticket",
    "Tombstone",
    "Transaction",
    "UserScope",
    "Webhook",
]
