"""Who writes what: every write to an audited table leaves a row of AuditEntry, added by triggers of the database.

`acting` says who is at work; each app declares its tables in a module `audited` (see `customers.audit.tables`).
"""

from customers.audit.actor import Actor, account, acting, counted, current, erasing, process
from customers.audit.notes import note
from customers.audit.tables import Audited, Unaudited

__all__ = ["Actor", "Audited", "Unaudited", "account", "acting", "counted", "current", "erasing", "note", "process"]
