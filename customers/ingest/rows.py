"""Rows that come as JSON rather than in a file: the same columns, the same checks, an answer for each row."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils import timezone

from customers.ingest import quarantine
from customers.ingest.declare import Column, Kind
from customers.ingest.load import known_kind
from customers.ingest.mapping import add_reasons, mapped
from customers.ingest.messages import Reason
from customers.ingest.prepare import CHUNK, framed
from customers.ingest.profiles import Rules
from customers.ingest.read import cell_text
from customers.ingest.repeats import Repeats
from customers.ingest.report import FileReport, errors_of, filed
from customers.ingest.spool import Kept
from customers.ingest.store import Stored, clock, store
from customers.ingest.validate import validated
from customers.ingest.values import Now
from customers.models import ImportFile

# So many customers or deals are looked up by name among the waiting rows; for more of them all those are looked at.
_FEW = 500


@dataclass(frozen=True, kw_only=True)
class RowsReport:
    """The counts of all rows, and for each in its order what became of it with the reasons."""

    file: FileReport
    rows: tuple[tuple[str, tuple[Reason, ...]], ...]


def load_rows(
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    name: str = "",
    source: str = ImportFile.Source.API,
    user: Any = None,
    against: Mapping[int, list[Reason]] | None = None,
) -> RowsReport:
    """Load up to a chunk of rows, given as columns and JSON values; `line` of a row is its place from 1.

    `against` are reasons, by place from 0, for which the caller has rows set aside besides those of the checks.
    """
    declared, now = known_kind(kind), clock()
    file = ImportFile.objects.create(
        name=name or kind,
        kind=kind,
        source=source,
        state=ImportFile.State.RUNNING,
        created_by=user,
        started_at=timezone.now(),
    )
    stored = _store(file, rows, kind=declared, now=now, against=against or {})
    keys = [text(row.get(declared.key)).strip() for row in rows]
    quarantine.release_after(declared, keys=keys if len(keys) <= _FEW else None, now=now)
    ImportFile.objects.filter(pk=file.pk).update(state=ImportFile.State.DONE, ended_at=timezone.now())
    return _report(file, stored)


def _store(
    file: ImportFile,
    rows: Sequence[Mapping[str, Any]],
    *,
    kind: Kind,
    now: Now,
    against: Mapping[int, list[Reason]],
) -> list[Stored]:
    kept = Kept()
    for start in range(0, len(rows), CHUNK):
        frame = _frame(rows[start : start + CHUNK], kind=kind, first=start + 1)
        checked = validated(mapped(frame, kind=kind, rules=Rules()), kind=kind, now=now)
        places = range(start, start + frame.height)
        kept.add(add_reasons(checked, {place - start: against[place] for place in places if place in against}))
    repeats = Repeats.of(kept, kind=kind)
    return [store(file=file, earlier=[], kind=kind, frame=frame, repeats=repeats, now=now) for frame in kept.frames()]


def _frame(rows: Sequence[Mapping[str, Any]], *, kind: Kind, first: int) -> pl.DataFrame:
    given = set().union(*rows)
    columns = {f"raw:{column.name}": _cells(rows, column, is_given=column.name in given) for column in kind.columns}
    return framed(columns, lines=range(first, first + len(rows)))


def _report(file: ImportFile, stored: list[Stored]) -> RowsReport:
    fates: dict[int, tuple[str, tuple[Reason, ...]]] = {}
    for chunk in stored:
        fates |= {row: (fate, ()) for row, fate in chunk.fates.items()}
        fates |= {row.row: ("set_aside", tuple(row.reasons)) for row in chunk.set_aside}
    counts = sum((chunk.counts for chunk in stored), start=Counter[str]())
    errors = errors_of([row for chunk in stored for row in chunk.set_aside])
    return RowsReport(
        file=filed(name=file.name, kind=file.kind, pk=file.pk, counts=counts, ignored=[], errors=errors),
        rows=tuple(fates[row] for row in sorted(fates)),
    )


def _cells(rows: Sequence[Mapping[str, Any]], column: Column, *, is_given: bool) -> list[str | None]:
    """The column's texts; None where a row has no cell for it, unless it is required."""
    absent = "" if column.required else None
    if not is_given:
        return [absent] * len(rows)
    name = column.name
    return [text(row[name]) if name in row else absent for row in rows]


def text(value: Any) -> str:
    """A value of JSON as the text of a cell."""
    if type(value) is str and value.isascii():
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    # Half a surrogate pair is no character, and no database keeps it: it comes as a question mark.
    return cell_text(value).encode("utf-8", "replace").decode()
