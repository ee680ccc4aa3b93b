"""A file read, mapped, summed and checked into a spool, before anything of it is stored."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused
from customers.ingest.declare import Kind
from customers.ingest.mapping import add_reasons, grouped, mapped
from customers.ingest.messages import reason
from customers.ingest.profiles import Rules
from customers.ingest.read import Row, Source
from customers.ingest.spool import Spool
from customers.ingest.validate import validated
from customers.ingest.values import Now
from customers.spreadsheet import SIGNS

CHUNK = 20_000
Line = tuple[int, Sequence[str]]
# Columns that a download of set-aside rows adds; a file that has them is one, and its quotes before signs come off.
DOWNLOAD_COLUMNS = ("set_aside_file", "set_aside_line", "set_aside_reasons")


def prepare(
    *, source: Source, kind: Kind, rules: Rules, now: Now, folder: Path, advance: Advance
) -> tuple[Spool, list[str]]:
    """The spool of a file's checked rows, and the columns that were ignored; Refused where the file is no good."""
    rows = source.rows()
    header = _header(next(rows, (1, [])), source)
    ignored = _check_columns(header, kind=kind, rules=rules, name=source.name)
    spool = Spool(folder)
    lines = Spool(Path(tempfile.mkdtemp(dir=folder)))
    for frame in frames(rows, header):
        advance(_("Reading %(name)s") % {"name": source.name}, int(frame["line"][-1] or 0))
        cells = mapped(frame, kind=kind, rules=rules)
        if not rules.group:
            spool.add(validated(cells, kind=kind, now=now))
            continue
        spool.add(validated(cells.filter(pl.col("reasons").is_not_null()), kind=kind, now=now))
        lines.add(cells.filter(pl.col("reasons").is_null()))
    if rules.group and lines.n_rows:
        for part in lines.parts(f"cell:{rules.group['by']}"):
            whole = grouped(part, kind=kind, rules=rules)
            for chunk in whole.iter_slices(CHUNK):
                spool.add(validated(chunk, kind=kind, now=now))
    return spool, ignored


def frames(rows: Iterable[Line], header: list[str]) -> Iterator[pl.DataFrame]:
    """Rows in chunks, as frames of text; a row with another number of cells than the header has that reason."""
    iterator = iter(rows)
    is_download = set(DOWNLOAD_COLUMNS) <= set(header)
    while chunk := list(islice(iterator, CHUNK)):
        yield _frame(chunk, header, is_download=is_download)


def _frame(chunk: list[Line], header: list[str], *, is_download: bool) -> pl.DataFrame:
    width = len(header)
    ragged = {i: len(cells) for i, (_line, cells) in enumerate(chunk) if len(cells) != width}
    extra = [None] * len(chunk) if not ragged else [cells[width:] or None for _line, cells in chunk]
    whole = [cells if len(cells) == width else [*cells, *[""] * width][:width] for _line, cells in chunk]
    columns = {f"raw:{name}": list(cells) for name, cells in zip(header, zip(*whole, strict=True), strict=True)}
    if is_download:
        columns = {name: [_restored(cell) for cell in cells] for name, cells in columns.items()}
    frame = framed(columns, lines=[line for line, _cells in chunk])
    frame = frame.with_columns(pl.Series("extra", extra, dtype=pl.List(pl.String)))
    return add_reasons(frame, {i: [reason("ragged", cells=n, columns=width)] for i, n in ragged.items()})


def framed(columns: Mapping[str, Sequence[str | None]], *, lines: Sequence[int]) -> pl.DataFrame:
    """Columns `raw:NAME` of texts as rows that are neither mapped nor checked yet."""
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.Series("line", lines, dtype=pl.Int64),
        pl.lit(1, pl.Int64).alias("n_rows"),
        pl.lit(None, pl.String).alias("reasons"),
        is_mapped=False,
    )


def _restored(cell: str | None) -> str | None:
    return cell[1:] if cell and cell.startswith("'") and cell[1:].lstrip(" ").startswith(SIGNS) else cell


def _header(first: Row, source: Source) -> list[str]:
    names = [cell.strip() for cell in first[1]]
    if not names:
        raise Refused(_("%(name)s is empty.") % {"name": source.name})
    # Columns without a name are told apart by their place.
    names = [name or f"({number})" for number, name in enumerate(names, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(
            _("%(name)s has the column %(column)s more than once.") % {"name": source.name, "column": twice[0]}
        )
    return names


def _check_columns(header: list[str], *, kind: Kind, rules: Rules, name: str) -> list[str]:
    """The columns that nothing reads; Refused where one that is needed is not there."""
    wanted = {column.name: rules.sources(column.name) for column in kind.columns if column.name not in rules.constants}
    used = {source for sources in wanted.values() for source in sources} | rules.needed()
    if not used & set(header):
        example = ", ".join(source for sources in list(wanted.values())[:3] for source in sources)
        raise Refused(
            _("%(name)s has no header: its first line names no column of %(kind)s, such as %(example)s.")
            % {"name": name, "kind": kind.name, "example": example}
        )
    required = [s for column in kind.columns if column.required for s in wanted.get(column.name, ())]
    missing = [source for source in dict.fromkeys([*required, *sorted(rules.needed())]) if source not in header]
    if missing:
        raise Refused(
            _("%(name)s lacks the required column %(columns)s.") % {"name": name, "columns": ", ".join(missing)}
        )
    return [column for column in header if column not in used and column not in DOWNLOAD_COLUMNS]
