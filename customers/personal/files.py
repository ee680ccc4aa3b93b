"""Where customers' data are kept in files: archive, uploads, and what was made for reading."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from customers.archive import files
from customers.commands import Refused
from customers.ingest.read import Source
from customers.models import ArchiveFile, ImportFile
from customers.personal.holdings import Subject
from customers.personal.texts import pattern

__all__ = ["Archive", "MadeFiles", "Uploads"]


class Archive:
    """Rows past their retention: a month's file is written anew without the customer's, as any other change of it."""

    name = "archive"
    is_files = True

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """Rows of every kind and month."""
        for file in ArchiveFile.objects.order_by("kind", "month"):
            for row in _of(files.verified(file), subject.customer_id).collect().iter_rows(named=True):
                yield {"archived_kind": file.kind, **row}

    def erase(self, subject: Subject) -> int:
        """Rows taken out of the files; the caller holds the archive's turn."""
        return sum(self._rewrite(file, subject.customer_id) for file in ArchiveFile.objects.order_by("kind", "month"))

    def _rewrite(self, file: ArchiveFile, customer_id: str) -> int:
        path = files.verified(file)
        n_rows = int(_of(path, customer_id).select(pl.len()).collect().item())
        if n_rows:
            new = path.with_suffix(".tmp")
            with files.writer(new, pl.Schema(pl.read_parquet_schema(path))) as add:
                for batch in files.batches(path):
                    add(batch.filter(pl.col("customer_id") != customer_id))
            files.put(file.kind, file.month, new=new, path=path)
        return n_rows


class Uploads:
    """Uploaded files with a cell that is the ID: the file is deleted; what became of its rows stays known."""

    name = "uploaded files"
    is_files = True

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """The lines with such a cell."""
        for file in self._files():
            for line, cells in _lines(file, subject.customer_id):
                yield {"file": file.pk, "line": line, "cells": cells}

    def erase(self, subject: Subject) -> int:
        """Files deleted; one that still waits to be loaded stays until it is, and its rows are refused then."""
        found = [file for file in self._files() if next(_lines(file, subject.customer_id), None)]
        for file in found:
            file.upload.delete(save=True)
        return len(found)

    def _files(self) -> Iterable[ImportFile]:
        ended = (ImportFile.State.DONE, ImportFile.State.REFUSED, ImportFile.State.FAILED)
        return ImportFile.objects.filter(state__in=ended).exclude(upload="").order_by("pk")


class MadeFiles:
    """Reports and exports that were made for reading, and say the ID: they are deleted, and can be made again."""

    name = "reports and exports"
    is_files = True

    def export(self, subject: Subject) -> Iterator[dict[str, Any]]:
        """Their paths: each tells of many customers."""
        yield from ({"file": str(path.relative_to(settings.DATA_DIR))} for path in self._files(subject))

    def erase(self, subject: Subject) -> int:
        """Files deleted."""
        found = list(self._files(subject))
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _files(self, subject: Subject) -> Iterator[Path]:
        for folder in ("reports", "exports"):
            for path in sorted((Path(settings.DATA_DIR) / folder).glob("**/*")):
                if path.is_file() and _says(path, subject.customer_id):
                    yield path


def _of(path: Path, customer_id: str) -> pl.LazyFrame:
    rows = pl.scan_parquet(path)
    return rows.filter(pl.col("customer_id") == customer_id)


def _lines(file: ImportFile, customer_id: str) -> Iterator[tuple[int, list[str]]]:
    """Lines of an uploaded file with a cell that is the ID; of one that cannot be read, none."""
    path = Path(file.upload.path)
    if not path.exists():
        return
    try:
        for line, cells in Source(path=path, name=file.name, encoding=file.encoding).rows():
            if any(cell.strip() == customer_id for cell in cells):
                yield line, cells
    except Refused:
        return


def _says(path: Path, customer_id: str) -> bool:
    """Whether a file has the ID, between other signs; workbooks and Parquet are looked at by their cells."""
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path).select(pl.col(pl.String))
        return any((column == customer_id).any() for column in frame.iter_columns())
    if path.suffix == ".xlsx":
        return _workbook_says(path, customer_id)
    with path.open(encoding="utf-8", errors="replace") as file:
        return any(pattern(customer_id).search(line) for line in file)


def _workbook_says(path: Path, customer_id: str) -> bool:
    with zipfile.ZipFile(path) as book:
        texts = (book.read(name).decode("utf-8", "replace") for name in book.namelist() if name.endswith(".xml"))
        return any(pattern(customer_id).search(text) for text in texts)
