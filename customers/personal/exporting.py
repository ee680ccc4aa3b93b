"""One customer's data, handed out on request: a ZIP file with everything as JSON, and each table as CSV too."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from customers import audit
from customers.commands import Refused
from customers.models import Customer
from customers.personal.holdings import Subject, declared, places
from customers.spreadsheet import defused

__all__ = ["export"]

Rows = list[dict[str, Any]]


def export(*, customer_id: str, out: Path) -> dict[str, int]:
    """Write the file and return the rows by table and place; Refused for an unknown customer."""
    subject = Subject(customer=Customer.objects.filter(customer_id=customer_id).first(), customer_id=customer_id)
    found = {name: rows for name, rows in _found(subject) if rows}
    if not found:
        raise Refused(_("There is no such customer."))
    partial = out.with_name(f".{out.name}.tmp")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("customer.json", json.dumps(found, ensure_ascii=False, indent=1, default=str))
        for name, rows in found.items():
            file.writestr(f"{name.replace(' ', '-')}.csv", _csv(rows))
    partial.replace(out)
    counts = {name: len(rows) for name, rows in found.items()}
    audit.note("customer exported", subject=subject.customer, facts=counts)
    return counts


def _found(subject: Subject) -> Iterable[tuple[str, Rows]]:
    for one in declared():
        yield one.table._meta.label, list(one.rows(subject).values())
    for place in places():
        rows = [row for row in place.export(subject) if any(row.values())]
        yield place.name, rows


def _csv(rows: Rows) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> Any:
    """A text that is no formula; numbers stay as they are, also below zero."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return defused(value)
