"""One customer's data erased, on request."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused
from customers.commands import Command as Base
from customers.models import ErasureCertificate
from customers.personal.erasing import erase, preview, readmit


class Command(Base):
    help = (
        "Erases everything that is kept of one customer, in tables, archive, snapshots and files, and leaves a "
        "certificate. Without --yes it only says what it would find."
    )
    example = 'erase_customer C-1001 --reason "request of 2026-03-01" --yes'

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("customer_id", help="the customer's ID")
        parser.add_argument("--yes", action="store_true", help="erase; this cannot be undone")
        parser.add_argument("--reason", default="", help="which request it answers; it stands on the certificate")
        parser.add_argument("--readmit", action="store_true", help="take rows of an erased customer again")

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        customer_id = options["customer_id"]
        if options["readmit"]:
            if not readmit(customer_id=customer_id):
                raise Refused(_("Nobody keeps that ID out."))
            return {"readmitted": True}
        if not options["yes"]:
            return {"would_erase": preview(customer_id=customer_id)}
        return as_json(erase(customer_id=customer_id, reason=options["reason"]))


def as_json(certificate: ErasureCertificate) -> dict[str, Any]:
    """A certificate as it is printed."""
    names = ("digest", "pseudonym", "reason", "started_at", "completed_at", "erased", "kept")
    return {"certificate": certificate.pk, **{name: getattr(certificate, name) for name in names}}
