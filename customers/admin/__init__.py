"""The pages of the facts; apps above add panels to a customer's page with `panels.register`."""

from customers.admin import accounts, customers, events, holds, imports, machine, runs, set_aside

__all__ = ["accounts", "customers", "events", "holds", "imports", "machine", "runs", "set_aside"]
