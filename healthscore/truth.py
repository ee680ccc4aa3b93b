"""Does the score tell the truth? The scores of earlier dates, held against who left within 90 days of them.

Of each month the first date that was scored counts, so that a customer is not counted every day. Customers who had left
before the date, and dates whose 90 days are not over yet, are left out. With too few of either kind there is no figure.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import polars as pl
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext

from customers.commands import Advance
from healthscore import leaving, sources
from healthscore.dimensions.catalogue import NAMES
from healthscore.dimensions.configuration import GRADES
from healthscore.models import ConfigurationVersion, HealthDay, HealthScore

__all__ = ["Bin", "Truth", "measure", "measure_all"]

LEAST = 10
HEALTHY = ("excellent", "good")
N_BINS = 5
MOST_KEPT = 20_000
CHUNK = 10_000
DECIMALS = 4
COUNTED = ("score", *NAMES)
_SCHEMA: dict[str, Any] = {
    "customer_pk": pl.Int64(),
    "score": pl.Float64(),
    "grade": pl.String(),
    **{name: pl.Float64() for name in NAMES},
}
_COUNTED_BY = {"left": pl.Boolean(), "n": pl.Int64()}
_NO_COUNTS = pl.DataFrame(schema={"value": pl.Float64(), **_COUNTED_BY})
_NO_GRADES = pl.DataFrame(schema={"grade": pl.String(), **_COUNTED_BY, "score": pl.Float64()})
_NO_SURPRISES = pl.DataFrame(
    schema={
        "customer_pk": pl.Int64(),
        "as_of": pl.Date(),
        "left_on": pl.Date(),
        "score": pl.Float64(),
        "grade": pl.String(),
        "looked_best": pl.List(pl.String()),
    }
)


@dataclass(frozen=True)
class Bin:
    """Customers of a grade, or of a range of scores: how many, how many left, and the share with a 95 % interval."""

    name: str
    n: int
    n_left: int
    mean_score: float

    @property
    def share(self) -> float:
        return self.n_left / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson (1927)."""
        from scipy.stats import binomtest  # it takes a second to come, and pages do without

        found = binomtest(self.n_left, self.n).proportion_ci(method="wilson")
        return float(found.low), float(found.high)


@dataclass(frozen=True)
class Truth:
    """How good the scores of a version were; `auc` is None with a `reason` where there are too few to say.

    `auc` is the chance that one who left had the lower score than one who stayed; `by_dimension` the same of each
    dimension alone, over those with data, None with too few. `surprises` are customers of a good grade who left, at
    most MOST_KEPT of `n_surprises`: customer_pk, as_of, left_on, score, grade, and the dimensions that `looked_best`.
    """

    version: ConfigurationVersion
    dates: tuple[dt.date, ...]
    n: int
    n_left: int
    auc: float | None = None
    by_dimension: dict[str, float | None] = field(default_factory=dict)
    grades: tuple[Bin, ...] = ()
    bins: tuple[Bin, ...] = ()
    n_surprises: int = 0
    surprises: tuple[dict[str, Any], ...] = ()

    @property
    def reason(self) -> str:
        """Why there is no AUC; empty where there is one."""
        if self.auc is not None:
            return ""
        given = {"least": LEAST, "n_left": self.n_left, "n_stayed": self.n - self.n_left}
        return (
            gettext(
                "It takes %(least)s customers who left and %(least)s who stayed; so far %(n_left)s left and "
                "%(n_stayed)s stayed."
            )
            % given
        )

    @property
    def weakest_sign(self) -> str | None:
        """The dimension that told least; None where none can be told."""
        known = {name: auc for name, auc in self.by_dimension.items() if auc is not None}
        return min(known, key=lambda name: known[name]) if known else None


@dataclass(frozen=True)
class Tally:
    """Counts that add up: `of` the score and each dimension value, left, n; `grades` grade, left, n, mean score."""

    of: dict[str, pl.DataFrame] = field(default_factory=lambda: dict.fromkeys(COUNTED, _NO_COUNTS))
    grades: pl.DataFrame = field(default_factory=lambda: _NO_GRADES)
    surprises: pl.DataFrame = field(default_factory=lambda: _NO_SURPRISES)

    @property
    def n(self) -> int:
        return _n(self.grades)

    @property
    def n_left(self) -> int:
        return _n(self.grades.filter("left"))

    def plus(self, other: "Tally") -> "Tally":
        """The two together; of a customer who surprised twice the higher score counts."""
        counts = {name: pl.concat([self.of[name], other.of[name]]) for name in COUNTED}
        surprises = pl.concat([self.surprises, other.surprises]).sort(
            "score", "as_of", "customer_pk", descending=[True, False, False]
        )
        return Tally(
            of={name: both.group_by("value", "left").agg(pl.col("n").sum()) for name, both in counts.items()},
            grades=pl.concat([self.grades, other.grades]),
            surprises=surprises.unique("customer_pk", keep="first", maintain_order=True),
        )


def measure_all(*, today: dt.date, advance: Advance | None = None) -> list[Truth]:
    """Each version that scored anybody, the latest first."""
    scores = HealthScore.objects.filter(configuration=OuterRef("pk"))
    versions = ConfigurationVersion.objects.filter(Exists(scores))
    left = _left(today)
    return [_measured(version, left, today, advance or Advance()) for version in versions]


def measure(*, version: ConfigurationVersion, today: dt.date) -> Truth:
    """How good a version's scores were."""
    return _measured(version, _left(today), today, Advance())


def _left(today: dt.date) -> pl.DataFrame:
    with sources.read(since=today, until=today) as facts:
        return leaving.left_on(facts=facts, today=today)


def _measured(version: ConfigurationVersion, left: pl.DataFrame, today: dt.date, advance: Advance) -> Truth:
    """Date by date, of which only counts stay: scores have four decimals, so these say as much as the scores do."""
    dates = _dates(version, today)
    tally = Tally()
    for number, day in enumerate(dates, start=1):
        tally = tally.plus(_tally(_scores(version, day), left, day))
        advance(gettext("Scored days"), number, len(dates))
    return Truth(
        version=version,
        dates=tuple(dates),
        n=tally.n,
        n_left=tally.n_left,
        auc=_auc(tally.of["score"]),
        by_dimension={name: _auc(tally.of[name]) for name in NAMES},
        grades=tuple(_bins(tally.grades, [(grade, pl.col("grade") == grade) for grade in GRADES])),
        bins=tuple(_bins(tally.of["score"].with_columns(score="value"), _ranges())),
        n_surprises=tally.surprises.height,
        surprises=tuple(tally.surprises.head(MOST_KEPT).to_dicts()),
    )


def _dates(version: ConfigurationVersion, today: dt.date) -> list[dt.date]:
    last = leaving.known_until(today) - dt.timedelta(days=leaving.HORIZON_DAYS)
    days = HealthDay.objects.filter(configuration=version, as_of__lte=last)
    first: dict[tuple[int, int], dt.date] = {}
    for day in days.order_by("as_of").values_list("as_of", flat=True):
        first.setdefault((day.year, day.month), day)
    return list(first.values())


def _scores(version: ConfigurationVersion, as_of: dt.date) -> pl.DataFrame:
    """Keys, scores from 0 to 1 and grades of a date, and each dimension's score, rounded, null without data."""
    stored = HealthScore.objects.filter(configuration=version, as_of=as_of)
    columns = stored.values_list("customer_id", "score", "grade", *(f"breakdown__{name}__score" for name in NAMES))
    rows = ((row[0], float(row[1]), *row[2:]) for row in columns.iterator(chunk_size=CHUNK))
    pieces = [pl.DataFrame(chunk, schema=_SCHEMA, orient="row") for chunk in _chunks(rows)]
    found = pl.concat(pieces) if pieces else pl.DataFrame(schema=_SCHEMA)
    return found.with_columns(pl.col(NAMES).round(DECIMALS))


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _tally(scores: pl.DataFrame, left: pl.DataFrame, as_of: dt.date) -> Tally:
    rows = scores.join(left, on="customer_pk", how="left")
    rows = rows.filter(pl.col("left_on").is_null() | (pl.col("left_on") >= as_of)).with_columns(
        left=(pl.col("left_on") < as_of + dt.timedelta(days=leaving.HORIZON_DAYS)).fill_null(value=False)
    )
    counted = {name: rows.filter(pl.col(name).is_not_null()).group_by(value=name, left="left") for name in COUNTED}
    grades = rows.group_by("grade", "left").agg(n=pl.len().cast(pl.Int64), total=pl.col("score").sum())
    return Tally(
        of={name: groups.agg(n=pl.len().cast(pl.Int64)) for name, groups in counted.items()},
        grades=grades.with_columns(score=pl.col("total") / pl.col("n")).drop("total"),
        surprises=_surprises(rows, as_of),
    )


def _auc(counts: pl.DataFrame) -> float | None:
    """Of value, left and n."""
    from sklearn.metrics import roc_auc_score  # it takes a second to come, and pages do without

    n_left = _n(counts.filter("left"))
    if min(n_left, _n(counts) - n_left) < LEAST:
        return None
    values = counts["left"].to_numpy(), -counts["value"].to_numpy()
    return float(roc_auc_score(*values, sample_weight=counts["n"].to_numpy()))


def _n(counts: pl.DataFrame) -> int:
    return int(counts["n"].sum())


def _ranges() -> Iterable[tuple[str, pl.Expr]]:
    for number in range(N_BINS):
        low, high = number / N_BINS, (number + 1) / N_BINS
        is_in = (pl.col("score") >= low) & ((pl.col("score") < high) | (number == N_BINS - 1))
        yield f"{low:.1f}–{high:.1f}", is_in


def _bins(counts: pl.DataFrame, conditions: Iterable[tuple[str, pl.Expr]]) -> Iterable[Bin]:
    for name, condition in conditions:
        mine = counts.filter(condition)
        if mine.height:
            mean = float((mine["score"] * mine["n"]).sum()) / _n(mine)
            yield Bin(name, _n(mine), _n(mine.filter("left")), round(mean, DECIMALS))


def _surprises(rows: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Customers of a good grade who left, with the two dimensions that looked best."""
    gone = rows.filter("left", pl.col("grade").is_in(HEALTHY))
    best = [_best(row) for row in gone.select(NAMES).to_dicts()]
    columns = gone.select("customer_pk", pl.lit(as_of).alias("as_of"), "left_on", "score", "grade")
    return columns.with_columns(looked_best=pl.Series(best, dtype=pl.List(pl.String())))


def _best(scores: dict[str, float | None]) -> list[str]:
    known = {name: score for name, score in scores.items() if score is not None}
    return sorted(known, key=lambda name: -known[name])[:2]
