"""The first sheet of an Excel workbook, row by row, once it is known that it fits into memory.

The library that reads a sheet keeps a place in memory for every cell between the first and the last that is used, and
a file of a kilobyte can name the last cell of the largest sheet there is. So the file is unpacked once in a stream
and measured before the library gets it.
"""

import copy
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from customers.commands import Refused

# The longest sheet that Excel makes, with a dozen columns: about 1 GB while it is read.
MOST_COLUMNS = 16_384
MOST_CELLS = 1_048_576 * 12
MOST_BYTES = 2**30
_BLOCK = 2**20
_SHEET, _CELL, _ROW = "sheet", "c", "row"
# A cipher or a packing that zipfile does not know is a RuntimeError.
_DAMAGED = (OSError, LookupError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile, expat.ExpatError)


class TooLargeError(Exception):
    """The sheet would not fit into memory."""


def is_workbook(path: Path) -> bool:
    return zipfile.is_zipfile(path) and "xl/workbook.xml" in zipfile.ZipFile(path).namelist()


def rows(path: Path, *, name: str) -> Iterator[list[Any]]:
    """The cells of each row from the first line on, typed; Refused for a file that is damaged or too large."""
    try:
        measure(path)
        with CalamineWorkbook.from_path(str(path)) as book:
            yield from book.get_sheet_by_index(0).iter_rows()
    except TooLargeError as error:
        raise Refused(_("%(name)s is too large for a workbook; save it as CSV.") % {"name": name}) from error
    except (CalamineError, *_DAMAGED) as error:
        raise Refused(_("%(name)s is a damaged Excel workbook.") % {"name": name}) from error


def measure(path: Path) -> None:
    """Unpack every part once, in a stream; TooLargeError past MOST_BYTES in all or MOST_CELLS in the first sheet."""
    with zipfile.ZipFile(path) as book:
        first, left = _first_sheet(book), MOST_BYTES
        for part in book.infolist():
            extent = _Extent() if part.filename == first else None
            for block in _unpacked(book, part):
                left -= len(block)
                if left < 0:
                    raise TooLargeError
                if extent:
                    extent.feed(block)


def _unpacked(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part in blocks to its true end; how long it says that it is need not be so."""
    unbelieved = copy.copy(part)
    unbelieved.file_size = MOST_BYTES + _BLOCK
    with book.open(unbelieved) as file:
        while block := file.read(_BLOCK):
            yield block


def _first_sheet(book: zipfile.ZipFile) -> str:
    """The name of the part that has the first sheet."""
    sheets = [attributes for name, attributes in _tags(book, "xl/workbook.xml") if name == _SHEET]
    (wanted,) = (value for key, value in sheets[0].items() if key.endswith(":id"))
    targets = {a.get("Id"): a.get("Target", "") for _name, a in _tags(book, "xl/_rels/workbook.xml.rels")}
    target = targets[wanted]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _tags(book: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser(lambda name, attributes: found.append((name.rpartition(":")[2], attributes)))
    for block in _unpacked(book, book.getinfo(part)):
        parser.Parse(block, False)
    return found


class _Extent:
    """How far down and to the right the cells of a sheet go; a cell that does not say where it is comes next."""

    def __init__(self) -> None:
        self._parser = _parser(self._start)
        self._row = self._column = self._last_row = self._last_column = 0

    def feed(self, block: bytes) -> None:
        self._parser.Parse(block, False)
        if self._last_row * self._last_column > MOST_CELLS:
            raise TooLargeError

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == _ROW:
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif name == _CELL:
            reference = attributes.get("r")
            self._row, self._column = _place(reference) if reference else (self._row, self._column + 1)
            self._last_row = max(self._last_row, self._row)
            self._last_column = max(self._last_column, self._column)


def _place(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as AB12, from 1."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), _column(letters)


@lru_cache(maxsize=MOST_COLUMNS)
def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def _parser(start: Any) -> Any:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_doctype
    return parser


def _no_doctype(*_declaration: Any) -> None:
    raise ValueError("A workbook has no document type.")
