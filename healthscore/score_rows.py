"""Days of scores into the database in sets: COPY of CSV text on PostgreSQL, one prepared statement elsewhere."""

import datetime as dt
import io
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Model

from healthscore.dimensions.engine import SCALE
from healthscore.models import HealthDay, HealthScore, NotScored

__all__ = ["replace_days"]

_SCORE = (
    "customer_id",
    "as_of",
    "score",
    "grade",
    "breakdown",
    "coverage",
    "mrr",
    "change_30d",
    "grade_before",
    "direction",
    "forecast_30d",
    "customer_type",
    "sources",
    "configuration_id",
    "calculated_at",
)
_DAY = ["configuration", "calculated_at", "failures", "n_scored", "n_not_scored", "n_by_grade"]
_LEFT_OUT = ("customer_id", "as_of", "reason")


def replace_days(
    *,
    days: list[dt.date],
    scored: pl.DataFrame,
    left_out: pl.DataFrame,
    configuration_pk: int,
    calculated_at: dt.datetime,
    failures: list[dict[str, str]],
) -> None:
    """Write these in place of what the days had, in the caller's transaction; the day's own row is locked first."""
    facts = {"configuration_id": configuration_pk, "calculated_at": calculated_at, "failures": failures}
    n_scored, n_not_scored = (dict(frame["as_of"].value_counts().iter_rows()) for frame in (scored, left_out))
    graded = _n_by_grade(scored)
    rows = [
        HealthDay(
            as_of=day,
            n_scored=n_scored.get(day, 0),
            n_not_scored=n_not_scored.get(day, 0),
            n_by_grade=graded.get(day, {}),
            **facts,
        )
        for day in days
    ]
    HealthDay.objects.bulk_create(rows, update_conflicts=True, unique_fields=["as_of"], update_fields=_DAY)
    for model in (HealthScore, NotScored):
        model._default_manager.filter(as_of__in=days)._raw_delete(connection.alias)
    _write(HealthScore, _SCORE, _scores(scored, configuration_pk, calculated_at))
    _write(NotScored, _LEFT_OUT, _reasons(left_out))


def _n_by_grade(scored: pl.DataFrame) -> dict[dt.date, dict[str, int]]:
    """By date and grade, how many scores."""
    found: dict[dt.date, dict[str, int]] = {}
    for day, grade, n in scored.group_by("as_of", "grade").len().iter_rows():
        found.setdefault(day, {})[grade] = n
    return found


def _scores(scored: pl.DataFrame, configuration_pk: int, calculated_at: dt.datetime) -> pl.DataFrame:
    stamp = connection.ops.adapt_datetimefield_value(calculated_at)
    decimals = {"score": "score", "mrr": "mrr", "change": "change_30d", "forecast": "forecast_30d"}
    return (
        scored.rename({"customer_pk": "customer_id"})
        .with_columns(
            *(_decimal(name).alias(alias) for name, alias in decimals.items()),
            pl.col("as_of").cast(pl.String()),
            pl.col("grade_before").fill_null(""),
            configuration_id=pl.lit(configuration_pk),
            calculated_at=pl.lit(str(stamp)),
        )
        .select(_SCORE)
    )


def _decimal(name: str) -> pl.Expr:
    """Whole ten-thousandths as text with four decimals."""
    size = pl.col(name).abs()
    sign = pl.when(pl.col(name) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.format("{}{}.{}", sign, size // SCALE, (size % SCALE).cast(pl.String()).str.zfill(4))


def _reasons(left_out: pl.DataFrame) -> pl.DataFrame:
    return left_out.select(
        pl.col("customer_pk").alias("customer_id"),
        pl.col("as_of").cast(pl.String()),
        pl.lit(NotScored.Reason.NO_DATA.value).alias("reason"),
    )


def _write(model: type[Model], columns: tuple[str, ...], frame: pl.DataFrame) -> None:
    if frame.is_empty():
        return
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv, NULL '\\N')") as copy:
                for piece in frame.iter_slices(20_000):
                    copy.write(_csv(piece))
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", _tuples(frame))  # noqa: S608


def _csv(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, null_value="\\N", quote_style="non_numeric")
    return buffer.getvalue()


def _tuples(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.rows()
