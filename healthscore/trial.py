"""A configuration tried on everybody: scored with it and with the active one, from the same data; nothing is stored."""

import datetime as dt
from collections import Counter
from dataclasses import asdict
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from customers.commands import Advance
from customers.models import Customer
from customers.visibility import is_limited, visible
from healthscore import configurations, sources
from healthscore.dimensions import engine
from healthscore.dimensions.configuration import GRADES, Configuration
from healthscore.dimensions.engine import SCALE
from healthscore.models import HealthDay

__all__ = ["AT_ONCE", "MOST", "is_quick", "try_out"]

MOST = 50
AT_ONCE = 2_000
"""So many customers are tried while a page waits; for more of them it is done in the background."""


def is_quick() -> bool:
    """Whether a page may wait for it."""
    return Customer.objects.order_by("pk")[: AT_ONCE + 1].count() <= AT_ONCE


def try_out(configuration: Configuration, *, user: Any, advance: Advance | None = None) -> dict[str, Any]:
    """At the latest day that was scored: {"as_of", "n_moved", "moves", "counts", "failures"}, plain figures.

    `as_of` is None before the first. `counts` has each grade with the customers now and then; `moves` the largest
    changes, at most MOST, as {"pk", "before", "after", "grade_before", "grade_after"}, of customers that the user may
    see. Reads every customer's rows, as a run does.
    """
    day = HealthDay.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    if day is None:
        return {"as_of": None}
    tell = advance or Advance()
    both = (configurations.active().configuration, configuration)
    window = max(one.longest_window for one in both)
    pieces = []
    with sources.read(since=day - dt.timedelta(days=window), until=day) as facts:
        for number in range(facts.n_parts):
            pieces.append(_both(facts.part(number), day, both))
            tell(_("Scoring"), number + 1, facts.n_parts)
        failures = [asdict(failure) for failure in facts.failures]
    return {"as_of": day.isoformat(), "failures": failures, **_figures(pl.concat(pieces), user)}


def _both(part: sources.Part, as_of: dt.date, both: tuple[Configuration, Configuration]) -> pl.DataFrame:
    frame = part.customers.select("customer_pk", "customer_id")
    for name, configuration in zip(("before", "after"), both, strict=True):
        rows = part.rows(as_of=as_of, window=configuration.longest_window)
        scored = engine.scores(rows=rows, configuration=configuration).select(
            "customer_pk", pl.col("score").alias(name)
        )
        scored = scored.with_columns(engine.grades(scored[name], configuration).alias(f"grade_{name}"))
        frame = frame.join(scored, on="customer_pk", how="left", maintain_order="left")
    return frame


def _figures(frame: pl.DataFrame, user: Any) -> dict[str, Any]:
    grades = frame.with_columns(pl.col("grade_before", "grade_after").fill_null(""))
    moved = grades.filter(pl.col("grade_before") != pl.col("grade_after"))
    size = (pl.col("after").fill_null(0) - pl.col("before").fill_null(0)).abs()
    largest = _seen(moved.sort([size, "customer_id"], descending=[True, False]), user).head(MOST)
    counted = [Counter(grades[f"grade_{name}"].to_list()) for name in ("before", "after")]
    shown = largest.select(
        pl.col("customer_pk").alias("pk"), pl.col("before", "after") / SCALE, "grade_before", "grade_after"
    )
    return {
        "n_moved": moved.height,
        "moves": shown.to_dicts(),
        "counts": [[name, *(counts.get(name, 0) for counts in counted)] for name in GRADES],
    }


def _seen(frame: pl.DataFrame, user: Any) -> pl.DataFrame:
    if not is_limited(user):
        return frame
    customers = visible(Customer.objects.all(), user, "pk").values_list("pk", flat=True)
    return frame.filter(pl.col("customer_pk").is_in(list(customers)))
