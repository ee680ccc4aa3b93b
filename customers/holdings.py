"""Where the facts about customers are kept."""

from customers.personal.holdings import Holding
from customers.personal.places import PLACES

__all__ = ["HOLDINGS", "PLACES"]

HOLDINGS = (
    Holding(model="customers.Transaction"),
    Holding(model="customers.Interaction", personal=("topic",)),
    Holding(model="customers.Deal"),
    Holding(model="customers.Ticket"),
    Holding(model="customers.Activity"),
    Holding(model="customers.Intervention", personal=("note",)),
    Holding(model="customers.Link", paths=("low", "high")),
    Holding(model="customers.Hold", personal=("reason",)),
    Holding(model="customers.Suppression"),
    Holding(model="customers.Assignee"),
    Holding(model="customers.CaseNote", personal=("text",)),
    # The last: what refers to a customer goes first. It stays under a pseudonym where something kept refers to it.
    Holding(model="customers.Customer", paths=("pk",), personal=("name", "age_group", "gender")),
)
