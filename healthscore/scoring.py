"""The health score of a date, or of every date of a period: read once, scored in parts, replaced day by day at once.

A day done again replaces its rows; readers see the old day or the new one.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.commands import Advance, Refused
from healthscore import alert_life, configurations, output, portfolio_kept, score_rows, sources
from healthscore.dimensions.configuration import GRADES, Configuration
from healthscore.history import History
from healthscore.models import ConfigurationVersion
from healthscore.sources import Facts, Failure
from healthscore.standing import Standing, walk

__all__ = ["HealthSummary", "score", "summary_document"]

CHUNK_ROWS = 200_000
_PIECES = ("scored", "left_out", "alerts")


@dataclass(frozen=True)
class HealthSummary:
    """What a run did; figures and alerts are those of the last day, `as_of`."""

    as_of: dt.date
    since: dt.date
    days: int
    scored: int
    not_scored: int
    distribution: dict[str, int]
    alerts: int
    failures: list[dict[str, str]]
    configuration: int
    calculated_at: dt.datetime
    files: list[str]


@dataclass(frozen=True)
class _Run:
    """The days to do, with what, and the folder where each day's pieces wait to be stored."""

    days: list[dt.date]
    version: ConfigurationVersion
    configuration: Configuration
    calculated_at: dt.datetime
    folder: Path

    def keep(self, standing: Standing, part: int) -> None:
        for name in _PIECES:
            getattr(standing, name).write_ipc(self.folder / f"{name}-{standing.as_of}-{part}.arrow")

    def piece(self, name: str, day: dt.date) -> pl.DataFrame:
        paths = sorted(self.folder.glob(f"{name}-{day}-*.arrow"))
        return pl.concat([pl.read_ipc(path) for path in paths])


def score(
    *,
    as_of: dt.date,
    since: dt.date | None = None,
    changes: Mapping[str, Any] | None = None,
    parts: int | None = None,
    out: Path | None = None,
    advance: Advance | None = None,
) -> HealthSummary:
    """Score `as_of`, or every day from `since` to it, with the active configuration or with some of it changed.

    Raises Refused where `since` is later than `as_of`, or the changes are no configuration.
    """
    first = since or as_of
    if first > as_of:
        raise Refused(_("%(since)s is after %(as_of)s: there is no day to score.") % {"since": first, "as_of": as_of})
    version = configurations.for_run(changes) if changes is not None else configurations.active()
    days = [first + dt.timedelta(days=number) for number in range((as_of - first).days + 1)]
    with sources.spool() as folder:
        run = _Run(days, version, version.configuration, timezone.now(), folder)
        failures = _compute(run, parts, advance or Advance())
        for chunk in _chunks(run):
            _publish(run, chunk, failures)
        portfolio_kept.keep_days(days)
        raised = run.piece("alerts", as_of).iter_rows(named=True)
        files = output.write(folder=out, as_of=as_of, alerts=raised) if out else []
        return _summary(run, failures, files)


def summary_document(summary: HealthSummary) -> dict[str, Any]:
    """As JSON keeps it."""
    days = {name: getattr(summary, name).isoformat() for name in ("as_of", "since")}
    return asdict(summary) | days | {"calculated_at": f"{summary.calculated_at:%Y-%m-%dT%H:%M:%SZ}"}


def _compute(run: _Run, parts: int | None, advance: Advance) -> tuple[Failure, ...]:
    """Every part's standings of every day, into the run's folder."""
    configuration, (first, *_rest), last = run.configuration, run.days, run.days[-1]
    since = first - dt.timedelta(days=configuration.trend_days + configuration.longest_window)
    with sources.read(since=since, until=last, parts=parts) as facts:
        history = History.stored(
            customers=facts.customers["customer_pk"],
            since=first,
            until=last,
            days=int(configuration.document["trend"]["history_days"]),
        )
        _walk_parts(run, facts, history, advance)
        return facts.failures


def _walk_parts(run: _Run, facts: Facts, history: History, advance: Advance) -> None:
    total, done = facts.n_parts * len(run.days), 0
    for number in range(facts.n_parts):
        part = facts.part(number)
        for standing in walk(part=part, days=run.days, configuration=run.configuration, history=history):
            run.keep(standing, number)
            done += 1
            advance(_("Health score"), done, total)


def _summary(run: _Run, failures: tuple[Failure, ...], files: list[Path]) -> HealthSummary:
    scored = run.piece("scored", run.days[-1])
    counts = Counter(scored["grade"].to_list())
    return HealthSummary(
        as_of=run.days[-1],
        since=run.days[0],
        days=len(run.days),
        scored=scored.height,
        not_scored=run.piece("left_out", run.days[-1]).height,
        distribution={grade: counts.get(grade, 0) for grade in GRADES},
        alerts=run.piece("alerts", run.days[-1]).height,
        failures=[asdict(failure) for failure in failures],
        configuration=run.version.pk,
        calculated_at=run.calculated_at,
        files=[str(path) for path in files],
    )


def _chunks(run: _Run) -> Iterator[list[dt.date]]:
    """Days in order, as many at a time as keep the rows of a transaction within bounds."""
    chunk: list[dt.date] = []
    n_rows = 0
    for day in run.days:
        size = run.piece("scored", day).height
        if chunk and n_rows + size > CHUNK_ROWS:
            yield chunk
            chunk, n_rows = [], 0
        chunk.append(day)
        n_rows += size
    yield chunk


@transaction.atomic
def _publish(run: _Run, days: list[dt.date], failures: tuple[Failure, ...]) -> None:
    alert_life.follow(
        days=((day, run.piece("alerts", day).iter_rows(named=True)) for day in days),
        unread=[failure.source for failure in failures],
    )
    score_rows.replace_days(
        days=days,
        scored=_dated(run, "scored", days),
        left_out=_dated(run, "left_out", days),
        configuration_pk=run.version.pk,
        calculated_at=run.calculated_at,
        failures=[asdict(failure) for failure in failures],
    )


def _dated(run: _Run, name: str, days: list[dt.date]) -> pl.DataFrame:
    return pl.concat([run.piece(name, day).with_columns(as_of=pl.lit(day)) for day in days])
