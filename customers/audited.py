"""Which tables of customers are audited, and which are not, and why."""

from customers.audit.tables import Audited, Unaudited

AUDITED = (
    Audited("customers.Customer", adds="counted"),
    Audited("customers.Link", adds="counted"),
    Audited("customers.Transaction", adds="counted"),
    Audited("customers.Interaction", adds="counted"),
    Audited("customers.Deal", adds="counted"),
    Audited("customers.Ticket", adds="counted"),
    Audited("customers.Activity", adds="counted"),
    Audited("customers.Intervention", adds="counted"),
    Audited("customers.Hold", adds="counted"),
    # What waits for a customer is in the row; of the rest, that a row was mended, resolved or let go of.
    Audited("customers.SetAsideRow", adds="counted", quiet=("reasons", "customer_ids", "is_waiting", "awaits", "key")),
    Audited("customers.ImportProfile"),
    Audited("customers.ImportFile", quiet=("n_read", "n_added", "n_updated", "n_unchanged", "n_set_aside")),
    Audited("customers.ApiKey"),
    Audited("customers.UserScope"),
    Audited("customers.Assignee"),
    Audited("customers.CaseNote"),
    Audited("customers.ErasureCertificate"),
    Audited("customers.Tombstone", secret=("digest",)),
    Audited("customers.Webhook", secret=("previous_secret",)),
    Unaudited("customers.Event", "follows from what was written, and from what the jobs computed"),
    Unaudited("customers.Delivery", "is itself a record, of what was sent"),
    Unaudited("customers.AuditEntry", "it is the log"),
    Unaudited("customers.Answer", "kept for a day; the call that it answers is recorded by what it wrote"),
    Unaudited("customers.Job", "tells itself who started it, when, and what came of it"),
    Unaudited("customers.Run", "written by the jobs; whoever starts one is in it"),
    Unaudited("customers.Step", "written by the jobs"),
    Unaudited("customers.ArchiveFile", "written by the retention run; the rows that leave are counted"),
    Unaudited("customers.Suppression", "is itself a record, of who was kept off a list"),
)
