"""The pages of the facts; apps above add panels to a customer's page with `panels.register`."""

from customers.admin import (
    access,
    accounts,
    audit,
    customers,
    erasure,
    events,
    holds,
    imports,
    interventions,
    jobs,
    machine,
    runs,
    set_aside,
    webhooks,
)

__all__ = [
    "access",
    "accounts",
    "audit",
    "customers",
    "erasure",
    "events",
    "holds",
    "imports",
    "interventions",
    "jobs",
    "machine",
    "runs",
    "set_aside",
    "webhooks",
]
