"""How facts come in: files and rows are read, checked, loaded, or set aside with every reason."""

from customers.ingest.kinds import KINDS
from customers.ingest.load import load_file, rehearsal
from customers.ingest.report import FileReport
from customers.ingest.rows import RowsReport, load_rows
from customers.ingest.waiting import load_upload, process_waiting

__all__ = [
    "KINDS",
    "FileReport",
    "RowsReport",
    "load_file",
    "load_rows",
    "load_upload",
    "process_waiting",
    "rehearsal",
]
