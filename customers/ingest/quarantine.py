"""Rows set aside, sent again: when their customer came, or mended by hand. The counts of their file follow."""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.commands import Refused
from customers.ingest import stage
from customers.ingest.alike import renumbered
from customers.ingest.declare import Kind
from customers.ingest.erased import turned_away
from customers.ingest.kinds import KINDS
from customers.ingest.mapping import mapped
from customers.ingest.messages import STICKY, say
from customers.ingest.profiles import Rules, rules_for
from customers.ingest.setting_aside import aside, storable
from customers.ingest.store import clock, count, put_in
from customers.ingest.validate import validated
from customers.ingest.values import Now
from customers.models import Customer, Deal, ImportFile, SetAsideRow
from customers.spreadsheet import defused

BATCH = 5_000


def release(*, customer_ids: Sequence[str] | None = None, now: Now | None = None) -> int:
    """Put in the waiting rows whose customers came; returns how many rows went in."""
    rows = _waiting().filter(Exists(Customer.objects.filter(customer_id=OuterRef("awaits"))))
    return _release(rows if customer_ids is None else rows.filter(awaits__in=customer_ids), now=now)


def release_by_deal(*, deal_ids: Sequence[str] | None = None, now: Now | None = None) -> int:
    """Put in the waiting rows whose customers are known now by a deal; returns how many rows went in."""
    rows = _waiting().exclude(awaits_deal="").filter(Exists(Deal.objects.filter(deal_id=OuterRef("awaits_deal"))))
    return _release(rows if deal_ids is None else rows.filter(awaits_deal__in=deal_ids), now=now)


def release_after(kind: Kind, *, keys: Sequence[str] | None = None, now: Now | None = None) -> int:
    """Put in the rows that waited for rows of a kind: all, or those that waited for some of them."""
    if kind.name == "customers":
        return release(customer_ids=keys, now=now)
    return release_by_deal(deal_ids=keys, now=now) if kind.name == "sales" else 0


def _waiting() -> QuerySet[SetAsideRow]:
    return SetAsideRow.objects.filter(is_waiting=True, resolved_at=None)


def _release(rows: QuerySet[SetAsideRow], *, now: Now | None) -> int:
    n_in, after = 0, 0
    while batch := list(rows.filter(pk__gt=after).select_related("file__profile").order_by("pk")[:BATCH]):
        n_in += resend(batch, now=now)
        after = batch[-1].pk
    return n_in


def mend(row: SetAsideRow, values: dict[str, str]) -> SetAsideRow:
    """Change cells of a row (by the names of its raw text) and send it again; the raw text itself is kept.

    Raises Refused for a line of a sum: alone it would stand for the whole.
    """
    if row.resolved_at is not None:
        raise Refused(_("The row is resolved already."))
    if not row.is_mapped and _rules(row).group:
        raise Refused(_("The row is one line of a sum; mend the file and send it again."))
    unknown = sorted(set(values) - set(row.raw))
    if unknown:
        raise Refused(_("The row has no column %(column)s.") % {"column": unknown[0]})
    row.mended = {**row.raw, **(row.mended or {}), **values}
    row.save(update_fields=["mended"])
    resend([row])
    row.refresh_from_db()
    return row


def send_again(*, row: SetAsideRow, raw: dict[str, str], user: Any = None) -> bool:
    """Mend a row and send it again; says whether it went in."""
    return mend(row, raw).resolved_at is not None


def resend(rows: Iterable[SetAsideRow], *, now: Now | None = None) -> int:
    """Send rows again as they are; returns how many went in. Their files' counts and their reasons follow."""
    now = now or clock()
    groups: dict[tuple[str, int | None, bool], list[SetAsideRow]] = defaultdict(list)
    for row in rows:
        if row.mended is None and any(why.get("code") in STICKY for why in row.reasons):
            continue
        groups[row.kind, row.file.profile_id, row.is_mapped].append(row)
    # Customers first: rows of the same call may wait for them.
    order = list(KINDS)
    return sum(_resend(groups[group], now=now) for group in sorted(groups, key=lambda group: order.index(group[0])))


def _resend(rows: list[SetAsideRow], *, now: Now) -> int:
    kind = KINDS[rows[0].kind]
    with transaction.atomic():
        stage.lock(kind)
        rows = _still_open(rows)
        frame = _frame(rows, now=now)
        first = frame
        if kind.key and not frame.is_empty():
            key = f"value:{kind.key}"
            # Of two rows with one id the later waits for the next round, so that it is measured against the first.
            first = frame.filter(pl.col("reasons").is_not_null() | pl.col("row").eq(pl.col("row").min().over(key)))
        n_in = _settle(rows, first, now=now)
    later = [rows[i] for i in sorted(set(frame["row"]) - set(first["row"]))] if rows else []
    if n_in:
        release_after(kind, now=now)
    return n_in + (_resend(later, now=now) if later else 0)


def _still_open(rows: list[SetAsideRow]) -> list[SetAsideRow]:
    open_ids: set[int] = set()
    for start in range(0, len(rows), 500):
        pks = [row.pk for row in rows[start : start + 500]]
        open_ids.update(SetAsideRow.objects.filter(pk__in=pks, resolved_at=None).values_list("pk", flat=True))
    return [row for row in rows if row.pk in open_ids]


def _frame(rows: list[SetAsideRow], *, now: Now) -> pl.DataFrame:
    """Rows as a checked frame; `row` is their position in the list."""
    if not rows:
        return pl.DataFrame(schema={"row": pl.Int64, "reasons": pl.String})
    kind = KINDS[rows[0].kind]
    cells = [row.mended or row.raw for row in rows]
    names = list(dict.fromkeys(name for row in cells for name in row))
    frame = pl.DataFrame(
        {f"raw:{name}": [row.get(name) for row in cells] for name in names},
        schema={f"raw:{name}": pl.String for name in names},
    ).with_columns(
        pl.Series("row", range(len(rows)), dtype=pl.Int64),
        pl.Series("line", [row.line for row in rows], dtype=pl.Int64),
        pl.Series("n_rows", [row.n_rows for row in rows], dtype=pl.Int64),
        pl.lit(None, pl.String).alias("reasons"),
        is_mapped=rows[0].is_mapped,
    )
    frame = turned_away(validated(mapped(frame, kind=kind, rules=_rules(rows[0])), kind=kind, now=now), kind=kind)
    return renumbered(frame, kept=[row.key for row in rows], kind=kind) if kind.is_counted else frame


def _rules(row: SetAsideRow) -> Rules:
    profile = row.file.profile
    return Rules() if row.is_mapped or profile is None else rules_for(profile.rules, row.kind)


def _settle(rows: list[SetAsideRow], frame: pl.DataFrame, *, now: Now) -> int:
    """Put the good rows of a checked frame in; write the others' reasons."""
    if frame.is_empty():
        return 0
    kind = KINDS[rows[0].kind]
    put = put_in(kind=kind, frame=frame.filter(pl.col("reasons").is_null()), now=now, supersede=False)
    moved: dict[int, Counter[str]] = defaultdict(Counter)
    changed = []
    for position, fate in put.fates.items():
        if fate == "waiting":
            continue
        row = rows[position]
        row.resolved_at, row.resolution = timezone.now(), fate
        moved[row.file_id][fate] += row.n_rows
        moved[row.file_id]["set_aside"] -= row.n_rows
        changed.append(row)
    n_in = len(changed)
    for still in aside(frame, kind=kind, waiting=put.waiting):
        row = rows[still.row]
        row.reasons = json.loads(storable(json.dumps(still.reasons, ensure_ascii=False)))
        for name, value in still.waits.items():
            setattr(row, name, value)
        changed.append(row)
    fields = ["resolved_at", "resolution", "reasons", "customer_ids", "is_waiting", "awaits", "awaits_deal", "key"]
    SetAsideRow.objects.bulk_update(changed, fields, batch_size=500)
    for file_id, counts in moved.items():
        count(file_id, counts)
    return n_in


def export(file: ImportFile) -> str:
    """The open rows of a file as CSV: the columns of its raw text, then file, line and reasons; no cell a formula."""
    rows = SetAsideRow.objects.filter(Q(file=file, resolved_at=None)).order_by("line")
    names: dict[str, None] = {}
    for raw in rows.values_list("raw", flat=True).iterator(chunk_size=2000):
        names.update(dict.fromkeys(raw))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*map(defused, names), "set_aside_file", "set_aside_line", "set_aside_reasons"])
    writer.writerows(_exported(rows.iterator(chunk_size=2000), list(names), file.name))
    return out.getvalue()


def _exported(rows: Iterable[SetAsideRow], names: list[str], file_name: str) -> Iterator[list[str]]:
    for row in rows:
        cells = row.mended or row.raw
        reasons = "; ".join(say(why) for why in row.reasons)
        yield [*(defused(cells.get(name, "")) for name in names), defused(file_name), str(row.line), defused(reasons)]
