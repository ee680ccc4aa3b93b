"""What the treatment was worth: customers kept, value less cost, return on cost."""

from dataclasses import dataclass

from experiments.stats.reasons import Reason
from experiments.stats.tails import Interval

__all__ = ["Money", "money"]


@dataclass(frozen=True, kw_only=True)
class Money:
    """`kept` in customers, `net` (value less cost) in the currency of value and cost, `return_on_cost` = net / cost.

    The intervals carry that of the difference over; value and cost are taken as known. None where there is none.
    """

    kept: float | None
    kept_interval: Interval | None
    cost: float
    net: float | None
    net_interval: Interval | None
    return_on_cost: float | None
    return_interval: Interval | None
    reason: Reason | None = None


def money(*, difference: float | None, interval: Interval | None, treated: int, value: float, cost: float) -> Money:
    """Of an arm of `treated` assigned customers whose rate is better by `difference`.

    `value` is that of one kept customer, above 0; `cost` that of the whole arm. Raises ValueError for a negative one.
    """
    if min(treated, value, cost) < 0:
        raise ValueError("treated, value and cost must not be below 0")
    kept, kept_interval = _times(difference, treated), _both(interval, treated, 0.0)
    net, net_interval = _times(kept, value, -cost), _both(kept_interval, value, -cost)
    reason = Reason.EMPTY_ARM if difference is None else None if cost else Reason.NO_COST
    return Money(
        kept=kept,
        kept_interval=kept_interval,
        cost=cost,
        net=net,
        net_interval=net_interval,
        return_on_cost=_times(net, 1 / cost) if cost else None,
        return_interval=_both(net_interval, 1 / cost, 0.0) if cost else None,
        reason=reason,
    )


def _times(number: float | None, factor: float, plus: float = 0.0) -> float | None:
    return None if number is None else number * factor + plus


def _both(interval: Interval | None, factor: float, plus: float) -> Interval | None:
    return None if interval is None else (interval[0] * factor + plus, interval[1] * factor + plus)
