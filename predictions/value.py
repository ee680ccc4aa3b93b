"""What a customer is worth in a month: the one definition that lists, bands, experiments and figures read.

The monthly value is the feature `avg_monthly_value`, purchases of the last 180 days as an amount a 30 days. It is kept
beside each prediction of the day, in the account currency; blank where the prediction is older than that column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

__all__ = ["MONTHLY_VALUE", "Band", "bands", "in_account_currency"]

MONTHLY_VALUE = "avg_monthly_value"
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Band:
    """Monthly values of [low, high); None is without a bound. `name` stands for it in addresses."""

    low: Decimal | None
    high: Decimal | None

    @property
    def name(self) -> str:
        return f"{'' if self.low is None else self.low}-{'' if self.high is None else self.high}"

    @property
    def title(self) -> str:
        """The band in the reader's language."""
        if self.low is None:
            return _("below %(amount)s") % {"amount": _shown(self.high)}
        if self.high is None:
            return _("%(amount)s and more") % {"amount": _shown(self.low)}
        return _("%(low)s to below %(high)s") % {"low": _shown(self.low), "high": _shown(self.high)}

    def condition(self, field: str = "monthly_value") -> Q:
        """That the column `field` lies in the band."""
        least = Q() if self.low is None else Q(**{f"{field}__gte": self.low})
        most = Q() if self.high is None else Q(**{f"{field}__lt": self.high})
        return Q(**{f"{field}__isnull": False}) & least & most


def bands() -> list[Band]:
    """The bands between the amounts of the setting MONETARY_THRESHOLDS, lowest first."""
    return list(_between([Decimal(str(amount)).normalize() for amount in settings.MONETARY_THRESHOLDS]))


def _between(amounts: list[Decimal]) -> Iterator[Band]:
    ends: list[Decimal | None] = [
        None,
        *(amount.quantize(Decimal(1)) if amount % 1 == 0 else amount for amount in amounts),
    ]
    for low, high in zip(ends, [*ends[1:], None], strict=True):
        yield Band(low=low, high=high)


def in_account_currency(value: float | None) -> Decimal | None:
    """A feature's value as an amount of whole cents."""
    return None if value is None else Decimal(f"{value:.2f}")


def _shown(amount: Any) -> str:
    return str(number_format(amount, force_grouping=True))
