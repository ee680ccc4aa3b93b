"""Personal data: who sees it, where it is kept, and how a customer's is handed out or erased."""

from customers.personal.digests import digest, is_erased
from customers.personal.holdings import Holding, declared
from customers.personal.masking import MASK, label, masked, may_see, reader_may_see, shown

__all__ = [
    "MASK",
    "Holding",
    "declared",
    "digest",
    "is_erased",
    "label",
    "masked",
    "may_see",
    "reader_may_see",
    "shown",
]
