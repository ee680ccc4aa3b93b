"""Rows past their retention, in Parquet by month under DATA_DIR/archive: moving them there, and reading them."""

from customers.archive.files import months, scan, stream
from customers.archive.kinds import Archivable, Column, Expiring, register, registered
from customers.archive.purging import purge

__all__ = ["Archivable", "Column", "Expiring", "months", "purge", "register", "registered", "scan", "stream"]
