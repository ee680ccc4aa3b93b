"""Rows that come as JSON rather than in a file: the same columns, the same checks, an answer for each row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone

from customers.ingest import quarantine
from customers.ingest.load import known_kind
from customers.ingest.mapping import mapped
from customers.ingest.messages import Reason
from customers.ingest.prepare import frames
from customers.ingest.profiles import Rules
from customers.ingest.read import cell_text
from customers.ingest.report import FileReport, errors_of, filed
from customers.ingest.spool import Spool
from customers.ingest.store import clock, store
from customers.ingest.validate import validated
from customers.models import ImportFile


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
) -> RowsReport:
    """Load up to a chunk of rows, given as columns and JSON values; `line` of a row is its place from 1."""
    declared, now = known_kind(kind), clock()
    header = [column.name for column in declared.columns]
    lines = [(line, [_text(row.get(column)) for column in header]) for line, row in enumerate(rows, start=1)]
    file = ImportFile.objects.create(
        name=name or kind,
        kind=kind,
        source=source,
        state=ImportFile.State.RUNNING,
        created_by=user,
        started_at=timezone.now(),
    )
    fates: dict[int, tuple[str, tuple[Reason, ...]]] = {}
    with TemporaryDirectory(prefix="ingest-") as folder:
        spool = Spool(Path(folder))
        for frame in frames(lines, header):
            spool.add(validated(mapped(frame, kind=declared, rules=Rules()), kind=declared, now=now))
        superseded = spool.superseded(f"value:{declared.key}") if declared.key and spool.n_rows else None
        stored = [
            store(file=file, earlier=[], kind=declared, frame=frame, superseded=superseded, now=now)
            for frame in spool.frames()
        ]
    asides = [row for chunk in stored for row in chunk.set_aside]
    for chunk in stored:
        fates |= {row: (fate, ()) for row, fate in chunk.fates.items()}
        fates |= {row.row: ("set_aside", tuple(row.reasons)) for row in chunk.set_aside}
    if kind == "customers" and rows:
        quarantine.release(customer_ids=[line[1][0] for line in lines][:500] if len(lines) <= 500 else None, now=now)
    ImportFile.objects.filter(pk=file.pk).update(state=ImportFile.State.DONE, ended_at=timezone.now())
    counts = sum((chunk.counts for chunk in stored), start=type(stored[0].counts)()) if stored else None
    report = (
        FileReport(name=file.name, kind=kind, pk=file.pk)
        if counts is None
        else filed(name=file.name, kind=kind, pk=file.pk, counts=counts, ignored=[], errors=errors_of(asides))
    )
    return RowsReport(file=report, rows=tuple(fates[row] for row in sorted(fates)))


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    # Half a surrogate pair is no character; it comes as the replacement mark, and is refused where ids are.
    return cell_text(value).encode("utf-8", "replace").decode()
