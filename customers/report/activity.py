"""Activity over time: by day, holes, and the gaps between purchases. Frames in, plain rows out; no Django."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from customers.report.columns import quantile

CLOSED_SHARE = 0.9
"""A weekday that is empty this often is a day on which the business is closed, not a hole."""
CHANCE = 0.01
GAP_LIMIT = 60


@dataclass(frozen=True, kw_only=True)
class Hole:
    """Days without any row of a table, `start` and `end` among them."""

    table: str
    start: dt.date
    end: dt.date

    @property
    def n_days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """Days between consecutive purchase days of a customer; `counts` by gap from 1, the last for that many or more."""

    n: int
    n_buyers: int
    n_repeat_buyers: int
    median: float | None
    p75: float | None
    p90: float | None
    counts: tuple[int, ...]


def by_day(counts: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A row for each calendar day from the first to the last, a column for each name; `counts` are of value and n."""
    seen = pl.concat([frame["value"] for frame in counts.values()])
    first, last = seen.min(), seen.max()
    days = pl.DataFrame({"day": _calendar(first, last)}, schema={"day": pl.Date()})
    for name, frame in counts.items():
        days = days.join(frame.select(day="value", **{name: "n"}), on="day", how="left", maintain_order="left")
    return days.with_columns(pl.col(list(counts)).fill_null(0).cast(pl.Int64))


def _calendar(first: object, last: object) -> pl.Series | list[dt.date]:
    if isinstance(first, dt.date) and isinstance(last, dt.date):
        return pl.date_range(first, last, eager=True)
    return []


def holes(days: pl.DataFrame, *, table: str) -> list[Hole]:
    """Runs of empty days too long to be chance: at the usual rate of rows they would come once in a hundred such logs.

    Weekdays on which the business is closed are left out of a run's length and of the rate.
    """
    counted = days.select("day", n=pl.col(table))
    with_rows = counted.filter(pl.col("n") > 0)
    if with_rows.height < 2:
        return []
    inside = counted.filter(pl.col("day").is_between(with_rows["day"][0], with_rows["day"][-1]))
    open_days = inside.filter(~pl.col("day").dt.weekday().is_in(closed_weekdays(inside)))
    rate = float(open_days["n"].median() or open_days["n"].mean() or 0)  # type: ignore[arg-type]
    least = max(1, math.ceil(math.log(open_days.height / CHANCE) / rate)) if rate else math.inf
    runs = open_days.with_columns(run=pl.col("n").eq(0).rle_id()).filter(pl.col("n") == 0)
    found = runs.group_by("run").agg(start=pl.col("day").min(), end=pl.col("day").max(), n_days=pl.len()).sort("start")
    return [Hole(table=table, start=r["start"], end=r["end"]) for r in found.rows(named=True) if r["n_days"] >= least]


def closed_weekdays(days: pl.DataFrame) -> list[int]:
    """ISO numbers of weekdays that are nearly always empty, where there are at least four of each; never all."""
    empty = days.group_by(weekday=pl.col("day").dt.weekday()).agg(share=(pl.col("n") == 0).mean(), n=pl.len())
    closed = empty.filter((pl.col("share") >= CLOSED_SHARE) & (pl.col("n") >= 4))
    return sorted(closed["weekday"]) if closed.height < 3 else []


@dataclass(frozen=True, kw_only=True)
class GapCounts:
    """Of some customers: how many buyers, how many of them twice or more, and the days between, as value and n."""

    n_buyers: int
    n_repeat_buyers: int
    gaps: pl.DataFrame


def gap_counts(bought: pl.DataFrame) -> GapCounts:
    """`bought` are distinct customer_pk and day with a purchase, every day of each customer."""
    days = bought.sort("customer_pk", "day")
    gaps = days.select(value=pl.col("day").diff().over("customer_pk").dt.total_days())["value"].drop_nulls()
    per_buyer = days.group_by("customer_pk").len("n")
    return GapCounts(
        n_buyers=per_buyer.height,
        n_repeat_buyers=per_buyer.filter(pl.col("n") > 1).height,
        gaps=gaps.value_counts(name="n").with_columns(pl.col("n").cast(pl.Int64)),
    )


def purchase_gaps(parts: Sequence[GapCounts]) -> Gaps:
    """Of all customers; each is in one of the parts."""
    nothing = pl.DataFrame(schema={"value": pl.Int64(), "n": pl.Int64()})
    gaps = pl.concat([nothing, *(part.gaps for part in parts)]).group_by("value").agg(pl.col("n").sum()).sort("value")
    clipped = gaps.group_by(pl.col("value").clip(1, GAP_LIMIT)).agg(pl.col("n").sum())
    counted = dict(clipped.iter_rows())
    return Gaps(
        n=int(gaps["n"].sum()),
        n_buyers=sum(part.n_buyers for part in parts),
        n_repeat_buyers=sum(part.n_repeat_buyers for part in parts),
        median=quantile(gaps, 0.5),
        p75=quantile(gaps, 0.75),
        p90=quantile(gaps, 0.9),
        counts=tuple(counted.get(gap, 0) for gap in range(1, GAP_LIMIT + 1)),
    )
