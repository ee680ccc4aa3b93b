"""The tables of facts."""

from customers.models.archive import ArchiveFile
from customers.models.customer import Customer, Link
from customers.models.events import Interaction, Transaction
from customers.models.imports import ImportFile, ImportProfile, SetAsideRow
from customers.models.interventions import Intervention
from customers.models.runs import Run, Step

__all__ = [
    "ArchiveFile",
    "Customer",
    "ImportFile",
    "ImportProfile",
    "Interaction",
    "Intervention",
    "Link",
    "Run",
    "SetAsideRow",
    "Step",
    "Transaction",
]
