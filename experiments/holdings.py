"""Where experiments keep customers' data."""

from customers.personal.holdings import Holding

_FROZEN = "The draw, its turn and its outcome stay, under a pseudonym, so that analyses can be checked and repeated."

HOLDINGS = (
    Holding(model="experiments.UpliftListing"),
    Holding(model="experiments.Outcome", paths=("assignment__customer",), on_erasure="keep", why=_FROZEN),
    Holding(model="experiments.Listing", paths=("assignment__customer",), on_erasure="keep", why=_FROZEN),
    Holding(model="experiments.Assignment", on_erasure="keep", why=_FROZEN),
)
