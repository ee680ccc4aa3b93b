"""Scores and alerts of a part's customers, one date after another; what each date needs of earlier ones is kept."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from healthscore.dimensions import alerts, engine, trend
from healthscore.dimensions.alerts import Situation
from healthscore.dimensions.catalogue import DIMENSIONS
from healthscore.dimensions.configuration import Configuration
from healthscore.dimensions.engine import SCALE
from healthscore.dimensions.rows import Rows, over
from healthscore.history import History
from healthscore.sources import Part

__all__ = ["Standing", "walk"]


@dataclass(frozen=True)
class Standing:
    """A date's rows: `scored` as they are stored (figures of four decimals as whole numbers), `left_out` the keys of
    customers without a score, `alerts` those that hold."""

    as_of: dt.date
    scored: pl.DataFrame
    left_out: pl.DataFrame
    alerts: pl.DataFrame


@dataclass
class _Scorer:
    part: Part
    configuration: Configuration
    kept: dict[dt.date, pl.DataFrame] = field(default_factory=dict)

    def rows(self, as_of: dt.date) -> Rows:
        return self.part.rows(as_of=as_of, window=self.configuration.longest_window)

    def scores(self, rows: Rows) -> pl.DataFrame:
        frame = engine.scores(rows=rows, configuration=self.configuration)
        frame = frame.with_columns(grade=engine.grades(frame["score"], self.configuration))
        self.kept[rows.as_of] = frame.select("customer_pk", score_before="score", grade_before="grade")
        return frame

    def before(self, as_of: dt.date) -> pl.DataFrame:
        """Scores and grades of a date, which is not asked for again."""
        if as_of not in self.kept:
            self.scores(self.rows(as_of))
        return self.kept.pop(as_of)


def walk(*, part: Part, days: list[dt.date], configuration: Configuration, history: History) -> Iterator[Standing]:
    """The standing at each of the days, which rise."""
    scorer = _Scorer(part, configuration)
    for as_of in days:
        rows = scorer.rows(as_of)
        now = scorer.scores(rows)
        earlier = scorer.before(as_of - dt.timedelta(days=configuration.trend_days))
        known = now.join(earlier, on="customer_pk", how="left", maintain_order="left")
        situation = Situation(rows=rows, scored=known, configuration=configuration)
        scored = known.filter(pl.col("score").is_not_null())
        history.add(as_of, scored)
        yield Standing(
            as_of,
            _stored(scored, rows, configuration, history),
            known.filter(pl.col("score").is_null()).select("customer_pk"),
            alerts.raised(situation),
        )


def _stored(scored: pl.DataFrame, rows: Rows, configuration: Configuration, history: History) -> pl.DataFrame:
    change = pl.col("score") - pl.col("score_before")
    ahead = pl.Series("forecast", history.forecast(rows.as_of, scored, configuration)).fill_nan(None)
    return (
        scored.with_columns(ahead)
        .with_columns(
            change=change,
            direction=trend.direction(change, configuration),
            forecast=engine.ten_thousandths(over(pl.col("forecast"), SCALE)),
            mrr=engine.ten_thousandths(pl.col("mrr")),
            breakdown=_breakdown(),
            sources=_sources(rows),
        )
        .select(
            "customer_pk",
            "score",
            "grade",
            "breakdown",
            "coverage",
            "mrr",
            "change",
            "grade_before",
            "direction",
            "forecast",
            "customer_type",
            "sources",
        )
    )


def _breakdown() -> pl.Expr:
    """JSON: {dimension: {"score": …, "parts": {part: …}}}, unrounded."""
    return pl.struct(
        pl.struct(
            pl.col(one.name).alias("score"),
            pl.struct(pl.col(engine.part_column(one.name, part.name)).alias(part.name) for part in one.parts).alias(
                "parts"
            ),
        ).alias(one.name)
        for one in DIMENSIONS
    ).struct.json_encode()


def _sources(rows: Rows) -> pl.Expr:
    """JSON: the sources with a row of the customer, in their order."""
    frames = {"sales": rows.sales, "support": rows.support, "activity": rows.seen}
    names = [
        pl.when(pl.col("customer_pk").is_in(frame["customer_pk"].unique().implode())).then(pl.lit(f'"{name}"'))
        for name, frame in frames.items()
    ]
    return pl.format("[{}]", pl.concat_str(*names, separator=",", ignore_nulls=True))
