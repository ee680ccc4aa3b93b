"""Does the score tell the truth? The scores of earlier dates, held against who left within 90 days of them.

Of each month the first date that was scored counts, so that a customer is not counted every day. Customers who had left
before the date, and dates whose 90 days are not over yet, are left out. With too few of either kind there is no figure.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.utils.translation import gettext
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from healthscore import leaving, sources
from healthscore.dimensions.catalogue import NAMES
from healthscore.dimensions.configuration import GRADES
from healthscore.models import ConfigurationVersion, HealthScore

__all__ = ["Bin", "Truth", "measure", "measure_all"]

LEAST = 10
HEALTHY = ("excellent", "good")
N_BINS = 5
_SCHEMA = {
    "customer_pk": pl.Int64(),
    "customer_id": pl.String(),
    "as_of": pl.Date(),
    "score": pl.Float64(),
    "grade": pl.String(),
    "breakdown": pl.String(),
}


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
        found = binomtest(self.n_left, self.n).proportion_ci(method="wilson")
        return float(found.low), float(found.high)


@dataclass(frozen=True)
class Truth:
    """How good the scores of a version were; `auc` is None with a `reason` where there are too few to say.

    `auc` is the chance that one who left had the lower score than one who stayed; `by_dimension` the same of each
    dimension alone, over those with data, None with too few. `surprises` are customers of a good grade who left.
    """

    version: ConfigurationVersion
    dates: tuple[dt.date, ...]
    n: int
    n_left: int
    auc: float | None = None
    by_dimension: dict[str, float | None] = field(default_factory=dict)
    grades: tuple[Bin, ...] = ()
    bins: tuple[Bin, ...] = ()
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


def measure_all(*, today: dt.date) -> list[Truth]:
    """Each version that scored anybody, the latest first."""
    versions = ConfigurationVersion.objects.filter(scores__isnull=False).distinct()
    with sources.read(since=today, until=today) as facts:
        left = leaving.left_on(facts=facts, today=today)
    return [_measured(version, left, today) for version in versions]


def measure(*, version: ConfigurationVersion, today: dt.date) -> Truth:
    """How good a version's scores were."""
    with sources.read(since=today, until=today) as facts:
        left = leaving.left_on(facts=facts, today=today)
    return _measured(version, left, today)


def _measured(version: ConfigurationVersion, left: pl.DataFrame, today: dt.date) -> Truth:
    dates = _dates(version, today)
    rows = _scores(version, dates).join(left, on="customer_pk", how="left")
    until = pl.col("as_of") + dt.timedelta(days=leaving.HORIZON_DAYS)
    rows = rows.filter(pl.col("left_on").is_null() | (pl.col("left_on") >= pl.col("as_of"))).with_columns(
        left=(pl.col("left_on") < until).fill_null(value=False)
    )
    return Truth(
        version=version,
        dates=tuple(dates),
        n=rows.height,
        n_left=int(rows["left"].sum()),
        auc=_auc(rows["score"], rows["left"]),
        by_dimension={name: _auc_of(rows, name) for name in NAMES},
        grades=tuple(_bins(rows, [(grade, pl.col("grade") == grade) for grade in GRADES])),
        bins=tuple(_bins(rows, _ranges())),
        surprises=tuple(_surprises(rows)),
    )


def _dates(version: ConfigurationVersion, today: dt.date) -> list[dt.date]:
    last = leaving.known_until(today) - dt.timedelta(days=leaving.HORIZON_DAYS)
    days = HealthScore.objects.filter(configuration=version, as_of__lte=last).values_list("as_of", flat=True)
    first: dict[tuple[int, int], dt.date] = {}
    for day in days.distinct().order_by("as_of"):
        first.setdefault((day.year, day.month), day)
    return list(first.values())


def _scores(version: ConfigurationVersion, dates: list[dt.date]) -> pl.DataFrame:
    found = HealthScore.objects.filter(configuration=version, as_of__in=dates)
    columns = found.values_list("customer_id", "customer__customer_id", "as_of", "score", "grade", "breakdown")
    rows = [
        (*row[:3], float(row[3]), row[4], json.dumps({name: one["score"] for name, one in row[5].items()}))
        for row in columns.iterator(chunk_size=10_000)
    ]
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    dimensions = pl.Struct({name: pl.Float64() for name in NAMES})
    return frame.with_columns(pl.col("breakdown").str.json_decode(dimensions)).unnest("breakdown")


def _auc(scores: pl.Series, left: pl.Series) -> float | None:
    n_left = int(left.sum())
    if min(n_left, len(left) - n_left) < LEAST:
        return None
    return float(roc_auc_score(left.to_numpy(), -scores.to_numpy()))


def _auc_of(rows: pl.DataFrame, dimension: str) -> float | None:
    known = rows.filter(pl.col(dimension).is_not_null())
    return _auc(known[dimension], known["left"])


def _ranges() -> Iterable[tuple[str, pl.Expr]]:
    for number in range(N_BINS):
        low, high = number / N_BINS, (number + 1) / N_BINS
        is_in = (pl.col("score") >= low) & ((pl.col("score") < high) | (number == N_BINS - 1))
        yield f"{low:.1f}–{high:.1f}", is_in


def _bins(rows: pl.DataFrame, conditions: Iterable[tuple[str, pl.Expr]]) -> Iterable[Bin]:
    for name, condition in conditions:
        mine = rows.filter(condition)
        if mine.height:
            yield Bin(name, mine.height, int(mine["left"].sum()), float(mine["score"].mean()))  # type: ignore[arg-type]


def _surprises(rows: pl.DataFrame) -> Iterable[dict[str, Any]]:
    """Customers of a good grade who left, with the dimension that looked best."""
    gone = rows.filter("left", pl.col("grade").is_in(HEALTHY)).sort("score", descending=True)
    for row in gone.unique("customer_pk", keep="first", maintain_order=True).to_dicts():
        facts = {name: row[name] for name in ("customer_pk", "customer_id", "as_of", "left_on", "score", "grade")}
        yield facts | {"dimensions": {name: row[name] for name in NAMES}}
