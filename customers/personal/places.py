"""Where customers' data are kept besides the tables of their rows: texts, rows known by the ID in them, and files."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from customers.ingest.messages import reason
from customers.models import Answer, AuditEntry, Customer, Event, ImportFile, Job, Run, SetAsideRow, Step
from customers.personal.files import Archive, MadeFiles, Uploads
from customers.personal.holdings import Subject
from customers.personal.texts import pattern

__all__ = ["ERASED", "PLACES"]

ERASED = "[erased]"


class SetAside:
    """Rows that could not go in and name the customer in a cell; the line and its count stay, its cells go."""

    name = "rows set aside"
    is_files = False

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """The rows with their cells."""
        yield from map(dict, self._rows(subject).values())

    def erase(self, subject: Subject) -> int:
        """Blank the rows; those that waited wait no more."""
        n_rows = 0
        for row in self._rows(subject):
            row.raw, row.mended = dict.fromkeys(row.raw, ERASED), None
            row.reasons, row.customer_ids = [reason("erased")], []
            row.is_waiting, row.awaits, row.awaits_deal, row.key = False, "", "", ""
            row.resolved_at, row.resolution = row.resolved_at or timezone.now(), "erased"
            row.save()
            n_rows += 1
        return n_rows

    def _rows(self, subject: Subject) -> QuerySet[SetAsideRow]:
        whose = Q(awaits=subject.customer_id)
        for column in ("raw", "mended", "customer_ids"):
            whose |= _has_cell(column, subject.customer_id)
        return _as_texts(SetAsideRow, "raw", "mended", "customer_ids").filter(whose)


class Log:
    """Values in the audit log: who changed what and when stays, what it was goes."""

    name = "values in the audit log"
    is_files = False

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """The entries about the customer."""
        yield from self._entries(subject).values(
            *("at", "who", "key", "via", "source", "action", "event", "table", "row", "before", "after")
        )

    def erase(self, subject: Subject) -> int:
        """Entries whose values were replaced by a mark; needs `audit.erasing`."""
        n_entries = 0
        for entry in self._entries(subject).only("before", "after").iterator(chunk_size=2_000):
            before, after = _marked(entry.before), _marked(entry.after)
            if (before, after) != (entry.before, entry.after):
                AuditEntry.objects.filter(pk=entry.pk).update(before=before, after=after)
                n_entries += 1
        return n_entries

    def _entries(self, subject: Subject) -> QuerySet[AuditEntry]:
        tables = [model._meta.db_table for model in (Customer, SetAsideRow, ImportFile)]
        names = _has_cell("before", subject.customer_id) | _has_cell("after", subject.customer_id)
        whose = Q(table__in=tables) & names
        if subject.pk is not None:
            whose |= Q(customer_pk=subject.pk)
        return _as_texts(AuditEntry, "before", "after").filter(whose).order_by("pk")


class Texts:
    """Messages of runs, steps, imports and jobs, and the admin's history, where they say the ID."""

    name = "messages"
    is_files = False
    columns: tuple[tuple[type[Model], str], ...] = (
        (Run, "error"),
        (Step, "error"),
        (ImportFile, "message"),
        (ImportFile, "name"),
        (Job, "error"),
        (LogEntry, "object_repr"),
        (LogEntry, "change_message"),
    )

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """The texts."""
        for model, column in self.columns:
            for pk, text in self._texts(model, column, subject.customer_id):
                yield {"table": model._meta.db_table, "row": str(pk), "text": text}

    def erase(self, subject: Subject) -> int:
        """Texts in which the ID was replaced by a mark."""
        n_texts = 0
        for model, column in self.columns:
            for pk, text in list(self._texts(model, column, subject.customer_id)):
                cleaned = pattern(subject.customer_id).sub(ERASED, text)
                n_texts += model._default_manager.filter(pk=pk).update(**{column: cleaned})
        return n_texts

    def _texts(self, model: type[Model], column: str, customer_id: str) -> Iterator[tuple[Any, str]]:
        rows = model._default_manager.filter(**{f"{column}__contains": customer_id})
        yield from (one for one in rows.values_list("pk", column) if pattern(customer_id).search(one[1]))


class Answers:
    """What other systems were told or sent, as far as it is still kept: such rows are deleted."""

    name = "answers, events and results"
    is_files = False

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """Events with their data; answers and results by their keys."""
        yield from self._naming(Event, "data", subject).values("id", "kind", "data", "happened_at")
        yield from self._naming(Job, "result", subject).values("id", "kind", "created_at")

    def erase(self, subject: Subject) -> int:
        """Rows deleted, and results of jobs emptied."""
        n_rows = self._naming(Event, "data", subject).delete()[0]
        n_rows += self._naming(Job, "result", subject).update(result=None)
        n_rows += self._naming(Job, "arguments", subject).update(arguments={})
        said = subject.customer_id.encode()
        answers = [pk for pk, body in Answer.objects.values_list("pk", "body").iterator() if said in bytes(body)]
        return n_rows + Answer.objects.filter(pk__in=answers).delete()[0]

    def _naming(self, model: type[Model], column: str, subject: Subject) -> QuerySet[Any]:
        found = _as_texts(model, column).filter(_has_cell(column, subject.customer_id)).values("pk")
        return model._default_manager.filter(pk__in=found)


class Referrals:
    """Other customers who were referred by the customer: they no longer say by whom."""

    name = "referrals of others"
    is_files = False

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """The IDs of others are theirs: only how many."""
        yield {"referred": self._others(subject).count()}

    def erase(self, subject: Subject) -> int:
        """Rows of others that were changed."""
        return self._others(subject).update(referred_by="")

    def _others(self, subject: Subject) -> QuerySet[Customer]:
        return Customer.objects.filter(referred_by=subject.customer_id)


PLACES = (Referrals(), SetAside(), Log(), Texts(), Answers(), Archive(), Uploads(), MadeFiles())


def _as_texts(model: type[Any], *columns: str) -> QuerySet[Any]:
    texts: dict[str, Any] = {f"{column}_text": Cast(column, TextField()) for column in columns}
    found: QuerySet[Any] = model._default_manager.alias(**texts)
    return found


def _has_cell(column: str, customer_id: str) -> Q:
    """Whether a column of JSON has the ID as a text of its own; non-ASCII letters stand there in either form."""
    forms = {json.dumps(customer_id), json.dumps(customer_id, ensure_ascii=False)}
    found = Q()
    for form in forms:
        found |= Q(**{f"{column}_text__contains": form})
    return found


def _marked(values: Any) -> Any:
    return dict.fromkeys(values, ERASED) if isinstance(values, dict) else values
