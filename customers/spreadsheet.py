"""Tables as CSV and Excel that spreadsheet programs may open: a text that they would take for a formula gets a quote.

Both formats have the same cells. Rows are written one after the other, so that memory does not grow with them. Texts
are texts in Excel too, so that `007` keeps its zeros; times are those of the business time zone.
"""

import csv
import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.encoding import force_str
from django.utils.functional import Promise
from xlsxwriter import Workbook
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from customers.clock import business_zone
from customers.commands import Refused
from customers.sentences import gettext as _

__all__ = ["Format", "csv_lines", "defused", "write", "write_frame"]

# A tab or a carriage return in front is skipped by some programs, which then see the sign behind it.
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"
"""In front of a CSV, it makes Excel read it as UTF-8."""

SHEET_ROWS = 1_048_575
CELL_CHARACTERS = 32_767
EXACT = 2**53
_OPTIONS: dict[str, Any] = dict.fromkeys(("constant_memory", "remove_timezone"), True)
_OPTIONS |= dict.fromkeys(("strings_to_formulas", "strings_to_numbers", "strings_to_urls"), False)


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        return {
            Format.CSV: "text/csv; charset=utf-8",
            Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self]


def defused(value: Any) -> Any:
    """Text that begins like a formula with a quote in front (OWASP, CSV injection); numbers stay as they are."""
    if isinstance(value, str) and value.lstrip(" ").startswith(SIGNS):
        return f"'{value}"
    return value


def csv_lines(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The lines of a CSV, the first with the mark in front."""
    writer = csv.writer(_Line())
    yield MARK + writer.writerow([_cell(cell) for cell in header])
    for row in rows:
        yield writer.writerow([_cell(cell) for cell in row])


def write(path: Path, kind: Format, header: Sequence[Any], rows: Iterable[Iterable[Any]]) -> int:
    """Write a table into a file; returns the rows. Raises Refused where Excel's cells cannot hold a text."""
    return _write_csv(path, header, rows) if kind is Format.CSV else _write_xlsx(path, header, rows)


def write_frame(path: Path, frame: pl.DataFrame, *, float_precision: int | None = None) -> None:
    """Write a frame as CSV, each text as `defused` has it; an empty cell is null, there is no mark in front."""
    texts = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.String | pl.Categorical | pl.Enum)]
    frame.with_columns(map(_defused_column, texts)).write_csv(path, float_precision=float_precision)


class _Line:
    def write(self, text: str) -> str:
        return text


def _defused_column(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    starts = pl.any_horizontal([text.str.strip_chars_start(" ").str.starts_with(sign) for sign in SIGNS])
    return pl.when(starts).then(pl.lit("'") + text).otherwise(text).alias(name)


def _cell(value: Any) -> Any:
    """What a cell holds in either format."""
    if isinstance(value, Promise):
        value = force_str(value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        value = value.astimezone(business_zone())
    if isinstance(value, float) and not math.isfinite(value):
        value = None
    return defused(value)


def _write_csv(path: Path, header: Sequence[Any], rows: Iterable[Iterable[Any]]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        return sum(1 for line in csv_lines(header, rows) if file.write(line)) - 1


def _write_xlsx(path: Path, header: Sequence[Any], rows: Iterable[Iterable[Any]]) -> int:
    waiting, n_rows = iter(rows), 0
    book = Workbook(path, {**_OPTIONS, "tmpdir": str(path.parent)})
    try:
        formats: dict[type, CellFormat] = {dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})}
        formats[dt.date] = book.add_format({"num_format": "yyyy-mm-dd"})
        while (more := next(waiting, None)) is not None or not book.worksheets():
            first = () if more is None else (more,)
            sheet = book.add_worksheet()
            n_rows += _write_sheet(sheet, header, islice(chain(first, waiting), SHEET_ROWS), formats)
    finally:
        book.close()
    return n_rows


def _write_sheet(
    sheet: Worksheet, header: Sequence[Any], rows: Iterable[Iterable[Any]], formats: dict[type, CellFormat]
) -> int:
    """Write the header and the rows; returns how many rows."""
    number = 0
    for number, row in enumerate(chain([header], rows)):
        for column, value in enumerate(row):
            if not _put(sheet, number, column, _cell(value), formats):
                facts = {"column": _cell(header[column]), "most": CELL_CHARACTERS}
                text = _(
                    "A text in the column %(column)s is longer than a cell of Excel holds (%(most)s characters). "
                    "Take the CSV."
                )
                raise Refused(text % facts)
    return number


def _put(sheet: Worksheet, row: int, column: int, value: Any, formats: dict[type, CellFormat]) -> bool:
    """Write a cell by its type, never as a formula; whether it fits."""
    if value is None or value == "":
        return True
    if isinstance(value, bool):
        return sheet.write_boolean(row, column, value) == 0
    if isinstance(value, float | Decimal) or (isinstance(value, int) and abs(value) <= EXACT):
        return sheet.write_number(row, column, value) == 0
    if isinstance(value, dt.datetime | dt.date):
        style = formats[dt.datetime if isinstance(value, dt.datetime) else dt.date]
        return sheet.write_datetime(row, column, value, style) == 0
    return sheet.write_string(row, column, str(value)) == 0
