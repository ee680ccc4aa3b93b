"""Erasing a customer's data on request, everywhere, with a certificate of what was done.

Rows go in one transaction, with a tombstone that keeps the ID from coming back and a certificate that is still open;
then the files, each of which is replaced or deleted whole. Broken off between them, the same call goes on. What a
frozen analysis rests on is kept under a random pseudonym.
"""

import datetime as dt
import secrets
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers import audit
from customers.alone import alone
from customers.archive.purging import LOCK
from customers.clock import business_date
from customers.commands import Refused
from customers.ingest import stage
from customers.ingest.kinds import KINDS
from customers.models import Customer, ErasureCertificate, Hold, Run, Tombstone
from customers.models.runs import State
from customers.personal.digests import digest, digests
from customers.personal.holdings import Holding, Place, Subject, declared, places

__all__ = ["HOLD", "erase", "preview", "readmit"]

HOLD = "erasure"
# What a pseudonym keeps: the columns that must have a value, made the same for everybody.
_KEPT_STATUS = "erased"
SILENCE = dt.timedelta(minutes=10)


def preview(*, customer_id: str) -> dict[str, int]:
    """What an erasure would find, by table and place; nothing is changed. Refused for an unknown customer."""
    subject = _subject(customer_id)
    _refuse_unknown(subject)
    found = {one.table._meta.label: one.rows(subject).count() for one in declared()}
    found |= {place.name: sum(1 for _row in place.export(subject)) for place in places()}
    return {name: n for name, n in found.items() if n}


def erase(*, customer_id: str, reason: str, user: Any = None) -> ErasureCertificate:
    """Erase a customer's data; the certificate that is there already where that was done before.

    Refused for an unknown customer, without a reason, and while a job that may hold the customer's rows runs.
    """
    subject = _subject(customer_id)
    done = _certificate(customer_id)
    if subject.customer is None and done is not None and done.completed_at is not None:
        return done
    _refuse_unless_possible(subject, reason)
    with audit.erasing(source=HOLD), alone(LOCK):
        certificate = _erase_rows(subject, reason=reason, user=user, before=done)
        _erase_files(subject, certificate)
    audit.note("erasure", subject=certificate, facts=certificate.erased)
    return certificate


def readmit(*, customer_id: str) -> bool:
    """Let an erased customer come back: rows with the ID are taken again. Says whether the ID was kept out."""
    n_stones, _by_table = Tombstone.objects.filter(digest__in=digests(customer_id)).delete()
    return bool(n_stones)


def _subject(customer_id: str) -> Subject:
    return Subject(customer=Customer.objects.filter(customer_id=customer_id).first(), customer_id=customer_id)


def _certificate(customer_id: str) -> ErasureCertificate | None:
    return ErasureCertificate.objects.filter(digest__in=digests(customer_id)).first()


def _refuse_unknown(subject: Subject) -> None:
    elsewhere = (place for place in places() if place.name == "rows set aside")
    is_known = subject.customer is not None or _certificate(subject.customer_id) is not None
    if not is_known and not any(True for place in elsewhere for _row in place.export(subject)):
        raise Refused(_("There is no such customer."))


def _refuse_unless_possible(subject: Subject, reason: str) -> None:
    _refuse_unknown(subject)
    if not reason.strip():
        raise Refused(_("A reason is needed: it stands on the certificate."))
    if Run.objects.filter(state=State.RUNNING, heartbeat_at__gt=timezone.now() - SILENCE).exists():
        raise Refused(_("A job is running and may hold the customer's rows; erase them when it is over."))


@transaction.atomic
def _erase_rows(subject: Subject, *, reason: str, user: Any, before: ErasureCertificate | None) -> ErasureCertificate:
    stage.lock(KINDS["customers"])  # no import is in the middle of a chunk
    if subject.customer is None and before is not None:
        return before
    erased = {place.name: place.erase(subject) for place in _in(places(), files=False)}
    kept: list[dict[str, Any]] = []
    for one in declared():
        _erase_table(one, subject, erased, kept)
    pseudonym = _end_row(subject, is_kept=bool(kept), erased=erased)
    certificate = ErasureCertificate.objects.create(
        digest=digest(subject.customer_id),
        pseudonym=pseudonym,
        reason=reason,
        requested_by=user,
        who=audit.current().who,
        erased={name: n for name, n in erased.items() if n},
        kept=kept,
    )
    Tombstone.objects.get_or_create(digest=certificate.digest, defaults={"certificate": certificate})
    return certificate


def _erase_table(one: Holding, subject: Subject, erased: dict[str, int], kept: list[dict[str, Any]]) -> None:
    rows, name = one.rows(subject), one.table._meta.label
    if one.table is Customer:
        return
    if one.on_erasure == "delete":
        erased[name] = rows.order_by().delete()[0]
        return
    if one.blank:
        rows.update(**one.blank)
    if n_rows := rows.count():
        kept.append({"table": name, "rows": n_rows, "why": one.why})


def _end_row(subject: Subject, *, is_kept: bool, erased: dict[str, int]) -> str:
    """Delete the customer's row, or, where something kept refers to it, leave a pseudonym that no list may name."""
    if subject.customer is None:
        return ""
    erased[Customer._meta.label] = 1
    if not is_kept:
        subject.customer.delete()
        return ""
    pseudonym = f"erased-{secrets.token_hex(8)}"
    Customer.objects.filter(pk=subject.customer.pk).update(**_blank(subject.customer), customer_id=pseudonym)
    Hold.objects.create(customer=subject.customer, kind=Hold.Kind.OPT_OUT, source=HOLD, since=business_date())
    return pseudonym


def _blank(customer: Customer) -> dict[str, Any]:
    """Every column empty, as far as it may be; of the registration only the year stays, for it must be a date."""
    fields = [
        field for field in Customer._meta.concrete_fields if not field.primary_key and field.name != "customer_id"
    ]
    values: dict[str, Any] = {field.name: None if field.null else "" for field in fields}
    values |= {"registered_on": customer.registered_on.replace(month=1, day=1), "account_status": _KEPT_STATUS}
    now = timezone.now()
    return values | {"created_at": now, "updated_at": now}


def _erase_files(subject: Subject, certificate: ErasureCertificate) -> None:
    """Every file; the certificate counts after each place, so that what was done is known if it breaks off."""
    for place in _in(places(), files=True):
        if n_done := place.erase(subject):
            certificate.erased[place.name] = certificate.erased.get(place.name, 0) + n_done
            certificate.save(update_fields=["erased"])
    certificate.completed_at = timezone.now()
    certificate.save(update_fields=["completed_at"])


def _in(all_places: Iterator[Place], *, files: bool) -> list[Place]:
    return [place for place in all_places if place.is_files == files]
