"""Rows that cannot go in, kept with their line, raw text and every reason."""
# ruff: noqa: S608 - names in the SQL come from declarations; values are parameters.

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection
from django.utils import timezone

from customers.ingest import stage
from customers.ingest.declare import Kind
from customers.ingest.messages import Reason, reason
from customers.models import ImportFile, SetAsideRow

SUPERSEDED = "superseded"
_WENT_IN = ("added", "updated", "unchanged")


@dataclass(frozen=True, kw_only=True)
class Aside:
    """A row to set aside; `customers` are those it waits for, or `deal`, where that is all that is wrong."""

    row: int
    line: int
    n_rows: int
    is_mapped: bool
    raw: dict[str, str]
    reasons: list[Reason]
    customers: list[str]
    deal: str
    key: str

    @property
    def waits(self) -> dict[str, Any]:
        """What the row waits for, by the fields that keep it."""
        is_waiting = bool(self.customers or self.deal)
        return {
            "customer_ids": self.customers,
            "awaits": self.customers[0] if self.customers else "",
            "awaits_deal": self.deal,
            "is_waiting": is_waiting,
            "key": self.key if is_waiting else "",
        }


def aside(frame: pl.DataFrame, *, kind: Kind, waiting: dict[int, list[str]]) -> list[Aside]:
    """The rows of a chunk that have reasons, or wait for customers, by line."""
    wanted = frame.filter(pl.col("reasons").is_not_null() | pl.col("row").is_in(list(waiting)))
    return [_aside(row, kind, waiting.get(row["row"])) for row in wanted.sort("line").iter_rows(named=True)]


def _aside(row: dict[str, Any], kind: Kind, waits_for: list[str] | None) -> Aside:
    customers, deal = waits_for or [], row["by_deal"] or "" if waits_for is not None else ""
    reasons = json.loads(row["reasons"] or "[]")
    columns = [column.name for column in kind.references if row[f"value:{column.name}"] in customers]
    reasons += [reason("unknown_customer", column, customer=row[f"value:{column}"]) for column in columns]
    reasons += [reason("unknown_deal", kind.references[0].name, deal=deal)] if deal else []
    return Aside(
        row=row["row"],
        line=row["line"],
        n_rows=row["n_rows"],
        is_mapped=row["is_mapped"],
        raw=_raw(row),
        reasons=reasons,
        customers=customers,
        deal=deal,
        key=row[f"value:{kind.key}"][:64] if kind.key else "",
    )


def _raw(row: dict[str, Any]) -> dict[str, str]:
    raw = {name.removeprefix("raw:"): cell for name, cell in row.items() if name.startswith("raw:")}
    cells = {name: cell for name, cell in raw.items() if cell is not None}
    for number, cell in enumerate(row.get("extra") or [], start=len(raw) + 1):
        cells[f"({number})"] = cell
    return cells


def storable(text: str) -> str:
    """JSON text without what a database cannot keep: NUL shows as ␀, half a character as a question mark."""
    return text.replace("\\u0000", "\u2400").replace("\x00", "\u2400").encode("utf-8", "replace").decode()


def keep(file: ImportFile, kind: Kind, rows: list[Aside]) -> None:
    """Write rows set aside."""
    if not rows:
        return
    table = SetAsideRow._meta.db_table
    frame = pl.DataFrame(
        [_record(file, kind, row) for row in rows],
        schema_overrides={"customer_ids": pl.String},
        infer_schema_length=None,
    )
    if connection.vendor == "sqlite":
        frame = frame.with_columns(pl.selectors.boolean().cast(pl.Int8))
    stage.put(frame, table)


def _record(file: ImportFile, kind: Kind, row: Aside) -> dict[str, Any]:
    return {
        "file_id": file.pk,
        "kind": kind.name,
        "line": row.line,
        "n_rows": row.n_rows,
        "is_mapped": row.is_mapped,
        "raw": storable(json.dumps(row.raw, ensure_ascii=False)),
        "reasons": storable(json.dumps(row.reasons, ensure_ascii=False)),
        "resolution": "",
        **row.waits,
        "customer_ids": json.dumps(row.customers, ensure_ascii=False),
    }


def same_bytes(file: ImportFile) -> list[int]:
    """Files of the same bytes, kind and profile that came before (and the file itself, when it is loaded again)."""
    same = ImportFile.objects.filter(sha256=file.sha256, kind=file.kind, profile=file.profile, encoding=file.encoding)
    return list(same.exclude(sha256="").values_list("pk", flat=True))


def replace(earlier: list[int], lines: Iterable[int]) -> None:
    """Let go of open rows that the same file sent again brings again, so that none is there twice."""
    rows = _at(earlier, lines, resolved_at=None)
    for start in range(0, len(rows), 500):
        SetAsideRow.objects.filter(pk__in=[pk for pk, _line in rows[start : start + 500]]).delete()


def mended_before(earlier: list[int], rows: list[Aside]) -> set[int]:
    """Lines that were mended and went in when the same file came before: they are in, and change nothing."""
    found = _at(earlier, [row.line for row in rows], resolution__in=_WENT_IN, mended__isnull=False)
    return {line for _pk, line in found}


def _at(files: list[int], lines: Iterable[int], **conditions: Any) -> list[tuple[int, int]]:
    wanted = set(lines)
    if not wanted:
        return []
    rows = SetAsideRow.objects.filter(file__in=files, line__gte=min(wanted), line__lte=max(wanted), **conditions)
    return [(pk, line) for pk, line in rows.values_list("pk", "line") if line in wanted]


def give_way(kind: Kind) -> None:
    """An older waiting row of an id that comes again gives way: the later word counts."""
    table = SetAsideRow._meta.db_table
    waiting = SetAsideRow.objects.filter(kind=kind.name, is_waiting=True, resolved_at=None)
    if not waiting.exists():
        return
    stage.execute(
        f"UPDATE {table} SET resolved_at = %s, resolution = %s WHERE kind = %s AND is_waiting AND resolved_at IS NULL "
        f'AND "key" IN (SELECT "{kind.key}" FROM {stage.TABLE})',
        [timezone.now(), SUPERSEDED, kind.name],
    )
