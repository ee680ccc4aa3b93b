"""Files as batches of rows: CSV, gzipped CSV, Excel; each row with the line on which it begins.

A file that is not what it says is Refused here, before anything of it is stored.
"""

import csv
import datetime as dt
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.utils.translation import gettext as _

from customers.commands import Refused
from customers.ingest import sheet

SUFFIXES = (".csv", ".csv.gz", ".xlsx")
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
# GB 18030 reads all that GBK writes, and the euro sign.
_CODECS = {"": "utf-8-sig", "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "gbk": "gb18030", "gb2312": "gb18030"}

Row = tuple[int, list[str]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file to read: where it lies, what it is called, in which encoding its text is."""

    path: Path
    name: str
    encoding: str = ""

    def rows(self) -> Iterator[Row]:
        """The line and cells of each row, the header first; rows without any text are no rows."""
        kind = _format(self)
        lines = _sheet(self) if kind == "xlsx" else _csv(self, is_gzip=kind == "gzip")
        return (row for row in lines if row[1])


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _format(source: Source) -> str:
    """`csv`, `gzip` or `xlsx`, by the name and the first bytes, which must agree."""
    name = source.name.lower()
    try:
        with source.path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise Refused(_("%(name)s cannot be read: %(why)s.") % {"name": source.name, "why": error.strerror}) from error
    if not magic:
        raise Refused(_("%(name)s is empty.") % {"name": source.name})
    if name.endswith(".xlsx"):
        if not sheet.is_workbook(source.path):
            raise Refused(_("%(name)s is not an Excel workbook, whatever its name says.") % {"name": source.name})
        return "xlsx"
    if magic == _ZIP:
        raise Refused(_("%(name)s is a ZIP archive; unpack it first.") % {"name": source.name})
    if (magic[:2] == _GZIP) != name.endswith(".gz"):
        sentence = _("%(name)s is not gzip data.") if name.endswith(".gz") else _("%(name)s is gzip data; name it .gz.")
        raise Refused(sentence % {"name": source.name})
    return "gzip" if name.endswith(".gz") else "csv"


class _Remembering:
    """Lines of a text file, with those of the row that is being read kept."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.kept: list[str] = []

    def __iter__(self) -> "_Remembering":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.kept.append(line)
        return line


def _csv(source: Source, *, is_gzip: bool) -> Iterator[Row]:
    name = {"name": source.name}
    try:
        with source.path.open("rb") as raw:
            packed = cast(BinaryIO, gzip.GzipFile(fileobj=raw) if is_gzip else raw)
            yield from _records(io.TextIOWrapper(packed, encoding=_codec(source), newline=""), source)
    except UnicodeDecodeError as error:
        raise Refused(
            _("%(name)s is not in the encoding %(encoding)s; name the right one, as in --encoding gbk.")
            % (name | {"encoding": source.encoding or "UTF-8"})
        ) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Refused(_("%(name)s is damaged or cut off: its gzip data does not end.") % name) from error
    except csv.Error as error:
        raise Refused(_("%(name)s is not CSV: %(why)s.") % (name | {"why": error})) from error


def _codec(source: Source) -> str:
    codec = _CODECS.get(source.encoding.lower(), source.encoding)
    try:
        "".encode(codec)
    except LookupError as error:
        raise Refused(_("There is no encoding %(encoding)s.") % {"encoding": source.encoding}) from error
    return codec


def _records(text: Iterable[str], source: Source) -> Iterator[Row]:
    lines = _Remembering(text)
    reader = csv.reader(lines)
    line, width = 1, 0
    cells: list[str] = []
    kept: list[str] = []
    for cells in reader:
        kept, lines.kept = lines.kept, []
        if len(cells) <= 1 and not "".join(cells).strip():
            line = reader.line_num + 1
            continue
        last, width = (line, cells), width or len(cells)
        yield last
        line = reader.line_num + 1
    _check_end(source, last_lines=kept, is_short=bool(cells) and len(cells) < width)


def _check_end(source: Source, *, last_lines: list[str], is_short: bool) -> None:
    """Refuse a file whose last row is not whole: an open quote, or too few cells."""
    try:
        list(csv.reader(last_lines, strict=True))
        is_open = False
    except csv.Error as error:
        is_open = "unexpected end" in str(error)
    if is_open or is_short:
        raise Refused(_("%(name)s is cut off in the middle of its last row.") % {"name": source.name})


def _sheet(source: Source) -> Iterator[Row]:
    for line, row in enumerate(sheet.rows(source.path, name=source.name), start=1):
        cells = [cell_text(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            yield line, cells


def cell_text(cell: Any) -> str:
    """A cell of a sheet, or a value of JSON, as the text that a CSV file would have: 7007.0 is `7007`."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else _without_exponent(repr(cell))
    if isinstance(cell, dt.datetime):
        return _whole_milliseconds(cell).isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _without_exponent(written: str) -> str:
    return format(Decimal(written), "f") if "e" in written else written


def _whole_milliseconds(moment: dt.datetime) -> dt.datetime:
    # Excel keeps times as fractions of a day, which are off by a few microseconds.
    thousands = round(moment.microsecond / 1000)
    return moment.replace(microsecond=0) + dt.timedelta(milliseconds=thousands)
