"""The kinds of rows that can come in: one declaration module each, in the order in which a folder of files is read."""

from collections.abc import Mapping

from customers.ingest.declare import Kind
from customers.ingest.kinds import (
    activity,
    customers,
    interactions,
    interventions,
    links,
    sales,
    support,
    transactions,
)

_MODULES = (customers, transactions, interactions, links, sales, support, activity, interventions)
KINDS: Mapping[str, Kind] = {module.KIND.name: module.KIND for module in _MODULES}
