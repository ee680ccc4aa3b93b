"""Why a customer's score changed between two dates: which dimension, which part, how much, and from which facts.

Both dates are computed again from the data as they are now, with one configuration, so that the differences of what the
parts add make up the change of the unrounded score to the last digit that a binary fraction holds.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext

from customers.models import Customer
from healthscore import configurations, fact_words, sources
from healthscore.dimensions import engine
from healthscore.dimensions.catalogue import DIMENSIONS
from healthscore.dimensions.configuration import Configuration
from healthscore.dimensions.rows import Rows

__all__ = ["Added", "Explanation", "explain"]


@dataclass(frozen=True)
class Added:
    """What a part adds to the score at either date, and the facts it is made of; `value` is None without data."""

    dimension: str
    part: str
    before: float
    after: float
    value_before: float | None
    value_after: float | None
    facts_before: Mapping[str, Any]
    facts_after: Mapping[str, Any]
    numbers: Mapping[str, Any]

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def sentence(self) -> str:
        """As in "Support −0.12: 2 tickets past their limit (before: 0)", in the reader's language."""
        return gettext("%(dimension)s %(change)s: %(facts)s") % {
            "dimension": fact_words.dimension(self.dimension),
            "change": f"{self.change:+.4f}".replace("-", "−"),
            "facts": fact_words.facts(self),
        }


@dataclass(frozen=True)
class Explanation:
    """The parts that changed, largest first; `changes` add up to `change`, that of the unrounded score."""

    customer: Customer
    since: dt.date
    until: dt.date
    before: float | None
    after: float | None
    parts: tuple[Added, ...]
    failures: tuple[sources.Failure, ...]

    @property
    def change(self) -> float | None:
        """None where either date has no score."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def by_dimension(self) -> dict[str, float]:
        """How much each dimension adds to the change."""
        return {one.name: sum(part.change for part in self.parts if part.dimension == one.name) for one in DIMENSIONS}

    @property
    def sentences(self) -> list[str]:
        """A sentence for each part that changed."""
        return [part.sentence for part in self.parts if abs(part.change) >= fact_words.LEAST]


@dataclass(frozen=True)
class _Moment:
    """A customer at a date: what the engine says and the facts of each dimension."""

    exact: float | None
    values: Mapping[str, float | None]
    added: Mapping[str, float]
    facts: Mapping[str, Mapping[str, Any]]


def explain(
    *, customer: Customer, since: dt.date, until: dt.date, configuration: Configuration | None = None
) -> Explanation:
    """Why the score at `until` differs from that at `since`, with the active configuration or the one given."""
    numbers = configuration or configurations.active().configuration
    window = dt.timedelta(days=numbers.longest_window)
    with sources.read(since=min(since, until) - window, until=max(since, until), customer_pk=customer.pk) as facts:
        part = facts.part(0)
        before, after = (
            _moment(part.rows(as_of=day, window=numbers.longest_window), numbers) for day in (since, until)
        )
        failures = facts.failures
    found = [_added(one.name, part.name, before, after, numbers) for one in DIMENSIONS for part in one.parts]
    ordered = sorted(found, key=lambda one: -abs(one.change))
    return Explanation(customer, since, until, before.exact, after.exact, tuple(ordered), failures)


def _moment(rows: Rows, configuration: Configuration) -> _Moment:
    scored = engine.scores(rows=rows, configuration=configuration)
    if scored.is_empty():
        return _Moment(None, {}, {}, {})
    added = engine.contributions(scored, configuration).row(0, named=True)
    facts = {one.name: _facts_of(one.facts(rows, configuration.numbers(one.name))) for one in DIMENSIONS}
    row = scored.row(0, named=True)
    values = {name: row[name] for name in added if name != "customer_pk"}
    return _Moment(row["exact"], values, added, facts)


def _facts_of(frame: pl.DataFrame) -> Mapping[str, Any]:
    return {} if frame.is_empty() else frame.row(0, named=True)


def _added(dimension: str, part: str, before: _Moment, after: _Moment, configuration: Configuration) -> Added:
    name = engine.part_column(dimension, part)
    return Added(
        dimension=dimension,
        part=part,
        before=before.added.get(name, 0.0),
        after=after.added.get(name, 0.0),
        value_before=before.values.get(name),
        value_after=after.values.get(name),
        facts_before=before.facts.get(dimension, {}),
        facts_after=after.facts.get(dimension, {}),
        numbers=configuration.numbers(dimension),
    )
