"""A CSV file's columns as they are written: every cell a text, nothing guessed, a malformed file refused.

Two things have no one meaning and are decided here. A line with more or fewer cells than the header is refused, for a
cell that is not there is not a blank one. Empty lines are skipped, as Python's own reader does.
"""

import codecs
import csv
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
from django.utils.translation import gettext as _
from pyarrow import csv as arrow_csv

from customers.commands import Refused

__all__ = ["text_columns"]

_CHUNK = 1 << 20
# A cell may be as long as a block.
_BLOCK = 1 << 24


def text_columns(*, path: Path, names: Sequence[str]) -> pl.DataFrame:
    """The named columns, each of text and without nulls, rows in the file's order.

    Raises Refused, in one sentence, for a file that is missing, empty, not UTF-8 or malformed, and for a column that is
    not there or there twice.
    """
    _check_text(path)
    header, has_rows = _header(path)
    _check_header(path, header, names)
    if not has_rows:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    bad: list[arrow_csv.InvalidRow] = []
    try:
        table = _read(path, list(dict.fromkeys(names)), bad)
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise Refused(_malformed(path, bad, error)) from error
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _check_text(path: Path) -> None:
    """Refuse what is not UTF-8, is empty, or ends within quotation marks, which would swallow every line before."""
    decoder, n_quotes, has_text = codecs.getincrementaldecoder("utf-8")(), 0, False
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                has_text |= bool(decoder.decode(chunk).strip("\ufeff\r\n"))
                n_quotes += chunk.count(b'"')
            decoder.decode(b"", final=True)
    except OSError as error:
        raise Refused(_("%(name)s cannot be read: %(why)s.") % {"name": path, "why": error.strerror}) from error
    except UnicodeDecodeError as error:
        raise Refused(_("%(name)s is not UTF-8 text.") % {"name": path}) from error
    if not has_text:
        raise Refused(_("%(name)s is empty.") % {"name": path})
    if n_quotes % 2 and _ends_in_quotes(path):
        raise Refused(_("%(name)s has a quotation mark that is not closed.") % {"name": path})


def _ends_in_quotes(path: Path) -> bool:
    """Read slowly, where quotation marks are odd in number: one within a cell, as in 5" pipe, is a letter."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            for _cells in csv.reader(file, strict=True):
                continue
        except csv.Error:
            return True
    return False


def _check_header(path: Path, header: list[str], names: Sequence[str]) -> None:
    for name in names:
        if name not in header:
            raise Refused(
                _("There is no column “%(column)s”; %(name)s has: %(columns)s.")
                % {"column": name, "name": path, "columns": ", ".join(header)}
            )
        if header.count(name) > 1:
            raise Refused(
                _("The column “%(column)s” is there more than once in %(name)s.") % {"column": name, "name": path}
            )


def _header(path: Path) -> tuple[list[str], bool]:
    """The names of the columns, and whether anything stands below them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            header = next((cells for cells in csv.reader(file) if cells), [])
            return header, any(line.strip("\r\n") for line in file)
        except csv.Error as error:
            raise Refused(_("%(name)s is not CSV: %(why)s.") % {"name": path, "why": error}) from error


def _read(path: Path, names: list[str], bad: list[arrow_csv.InvalidRow]) -> pa.Table:
    def refuse(row: arrow_csv.InvalidRow) -> str:
        bad.append(row)
        return "error"

    return arrow_csv.read_csv(
        path,
        # In one thread, so that a malformed row is told with its number.
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=refuse),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=names, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _malformed(path: Path, bad: list[arrow_csv.InvalidRow], error: Exception) -> str:
    if not bad:
        return _("%(name)s is not CSV: %(why)s.") % {"name": path, "why": str(error).splitlines()[0].rstrip(".")}
    row = bad[0]
    return _("Row %(row)s of %(name)s has %(found)s cells where its header has %(expected)s.") % {
        "row": row.number - 1,  # as everywhere here, counted from 1 below the header
        "name": path,
        "found": row.actual_columns,
        "expected": row.expected_columns,
    }
