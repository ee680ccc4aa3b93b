"""What a configuration would change: everybody scored with it and with the active one, from the same data."""

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from healthscore import configurations, sources
from healthscore.admin import beside, shown
from healthscore.dimensions import engine
from healthscore.dimensions.configuration import GRADES, Configuration
from healthscore.dimensions.engine import SCALE

__all__ = ["Move", "Preview", "preview"]

MOST = 50


@dataclass(frozen=True, kw_only=True)
class Move:
    """A customer whose grade would be another; scores and grades as they are shown."""

    pk: int
    customer: str
    before: str
    after: str
    grade_before: str
    grade_after: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`moves` has the largest changes, at most MOST of `n_moved`; `counts` is (grade, customers now, then)."""

    as_of: dt.date
    n_moved: int
    moves: list[Move]
    counts: list[tuple[str, int, int]]
    failures: list[str]


def preview(configuration: Configuration) -> Preview | None:
    """At the latest day that was scored; None before the first. Reads every customer's rows, as a run does."""
    latest = beside.latest_day()
    if latest is None:
        return None
    both = (configurations.active().configuration, configuration)
    window = max(one.longest_window for one in both)
    with sources.read(since=latest.as_of - dt.timedelta(days=window), until=latest.as_of) as facts:
        pieces = [_both(facts.part(number), latest.as_of, both) for number in range(facts.n_parts)]
        failures = list(facts.failures)
    return _told(pl.concat(pieces), latest.as_of, failures)


def _both(part: sources.Part, as_of: dt.date, both: tuple[Configuration, Configuration]) -> pl.DataFrame:
    frame = part.customers.select("customer_pk", "customer_id", "name")
    for name, configuration in zip(("before", "after"), both, strict=True):
        rows = part.rows(as_of=as_of, window=configuration.longest_window)
        scored = engine.scores(rows=rows, configuration=configuration).select(
            "customer_pk", pl.col("score").alias(name)
        )
        scored = scored.with_columns(engine.grades(scored[name], configuration).alias(f"grade_{name}"))
        frame = frame.join(scored, on="customer_pk", how="left", maintain_order="left")
    return frame


def _told(frame: pl.DataFrame, as_of: dt.date, failures: list[Any]) -> Preview:
    grades = frame.with_columns(pl.col("grade_before", "grade_after").fill_null(""))
    moved = grades.filter(pl.col("grade_before") != pl.col("grade_after"))
    size = (pl.col("after").fill_null(0) - pl.col("before").fill_null(0)).abs()
    largest = moved.sort([size, "customer_id"], descending=[True, False]).head(MOST)
    counted = [Counter(grades[f"grade_{name}"].to_list()) for name in ("before", "after")]
    return Preview(
        as_of=as_of,
        n_moved=moved.height,
        moves=[_move(row) for row in largest.iter_rows(named=True)],
        counts=[(shown.grade(name), counted[0].get(name, 0), counted[1].get(name, 0)) for name in GRADES],
        failures=shown.failures([asdict(failure) for failure in failures]),
    )


def _move(row: dict[str, Any]) -> Move:
    return Move(
        pk=row["customer_pk"],
        customer=f"{row['customer_id']} {row['name'] or ''}".strip(),
        before=_score(row["before"]),
        after=_score(row["after"]),
        grade_before=shown.grade(row["grade_before"]),
        grade_after=shown.grade(row["grade_after"]),
    )


def _score(value: int | None) -> str:
    return shown.score(None if value is None else value / SCALE)
