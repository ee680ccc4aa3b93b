"""The engine: cuts the rows to the as-of date, counts each dimension's facts, weighs parts and dimensions.

A part without data is left out and the others of its dimension are scaled up; a dimension without any part likewise.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from healthscore.dimensions.catalogue import DIMENSIONS
from healthscore.dimensions.configuration import GRADES, Configuration
from healthscore.dimensions.core import Dimension
from healthscore.dimensions.rows import Rows

__all__ = ["SCALE", "contributions", "grades", "part_column", "scores", "ten_thousandths"]

SCALE = 10_000
_NOISE = 10


def scores(*, rows: Rows, configuration: Configuration) -> pl.DataFrame:
    """A row for each customer registered before the as-of date, in the customers' order.

    customer_pk; each dimension by its name and each part as `dimension.part` (0 to 1, null without data); `coverage`,
    the weight of the dimensions with data; `exact`, the score before rounding; `score`, in ten-thousandths, half up,
    null where no dimension has data; `mrr`, null without a deal ever.
    """
    frame = rows.customers.select("customer_pk", "customer_type")
    for dimension in DIMENSIONS:
        frame = frame.join(_parts(dimension, rows, configuration), on="customer_pk", how="left", maintain_order="left")
    frame = frame.with_columns(_dimension(one, configuration).alias(one.name) for one in DIMENSIONS)
    weights = _weights(frame["customer_type"], configuration)
    return (
        frame.with_columns(weights)
        .with_columns(_total(), _coverage())
        .with_columns(score=ten_thousandths(pl.col("exact")))
    )


def _parts(dimension: Dimension, rows: Rows, configuration: Configuration) -> pl.DataFrame:
    numbers = configuration.numbers(dimension.name)
    facts = dimension.facts(rows, numbers)
    kept = [pl.col("mrr")] if dimension.name == "value" else []
    values = [
        part.value(numbers).cast(pl.Float64).alias(part_column(dimension.name, part.name)) for part in dimension.parts
    ]
    return facts.select("customer_pk", *kept, *values)


def part_column(dimension: str, part: str) -> str:
    """The name of a part's column."""
    return f"{dimension}.{part}"


def _dimension(dimension: Dimension, configuration: Configuration) -> pl.Expr:
    weights = configuration.document[dimension.name]["weights"]
    columns = {part_column(dimension.name, part.name): float(weights[part.name]) for part in dimension.parts}
    weighed, weight = _weighed(columns)
    return pl.when(weight > 0).then(weighed / weight)


def _weighed(columns: Mapping[str, float]) -> tuple[pl.Expr, pl.Expr]:
    """Σ weight · value and Σ weight over the columns that are not null, in their order."""
    value, total = pl.lit(0.0), pl.lit(0.0)
    for name, weight in columns.items():
        value = value + pl.col(name).fill_null(0.0) * weight
        total = total + pl.when(pl.col(name).is_not_null()).then(weight).otherwise(0.0)
    return value, total


def weight_column(dimension: str) -> str:
    """The name of the column with a dimension's weight for the customer's type."""
    return f"{dimension}:weight"


def _weights(types: pl.Series, configuration: Configuration) -> list[pl.Series]:
    table = configuration.document["weights"]
    otherwise = table[configuration.document["type_otherwise"]]
    return [
        types.replace_strict(
            {kind: float(weights[one.name]) for kind, weights in table.items()},
            default=float(otherwise[one.name]),
            return_dtype=pl.Float64,
        ).alias(weight_column(one.name))
        for one in DIMENSIONS
    ]


def _present(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null()).then(pl.col(weight_column(name))).otherwise(0.0)


def _coverage() -> pl.Expr:
    return _added([_present(one.name) for one in DIMENSIONS]).round(_NOISE).alias("coverage")


def _total() -> pl.Expr:
    weighed = _added([pl.col(one.name).fill_null(0.0) * _present(one.name) for one in DIMENSIONS])
    weight = _added([_present(one.name) for one in DIMENSIONS])
    return pl.when(weight > 0).then(weighed / weight).alias("exact")


def _added(terms: Sequence[pl.Expr]) -> pl.Expr:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def ten_thousandths(value: pl.Expr) -> pl.Expr:
    """Rounded half up to 4 decimals, as a whole number; the noise of binary fractions does not decide a tie."""
    return (value.round(_NOISE) * SCALE + 0.5 + 10.0**-_NOISE).floor().cast(pl.Int64)


def grades(score: pl.Series, configuration: Configuration) -> pl.Series:
    """The grade of each score in ten-thousandths; the lower bound belongs to the better grade."""
    bounds = [round(configuration.document["grades"][grade] * SCALE) for grade in GRADES[:-1]]
    grade = pl.lit(GRADES[-1])
    for name, bound in reversed(list(zip(GRADES, bounds, strict=False))):
        grade = pl.when(pl.col("score") >= bound).then(pl.lit(name)).otherwise(grade)
    known = pl.when(pl.col("score").is_not_null()).then(grade)
    return pl.DataFrame({"score": score}).select(known.alias("grade"))["grade"]


def contributions(frame: pl.DataFrame, configuration: Configuration) -> pl.DataFrame:
    """What each part adds to `exact`, a column `dimension.part` each; the columns of a row add up to it."""
    added = []
    for dimension in DIMENSIONS:
        weights = configuration.document[dimension.name]["weights"]
        columns = {part_column(dimension.name, part.name): float(weights[part.name]) for part in dimension.parts}
        _value, within = _weighed(columns)
        outer = pl.col(weight_column(dimension.name)) / pl.col("coverage")
        added += [
            (pl.col(name).fill_null(0.0) * weight / within * outer).fill_nan(0.0) for name, weight in columns.items()
        ]
    return frame.select("customer_pk", *added)


def theil_sen(days: Sequence[dt.date], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the slopes a day between every two of `days`, for each row of `values`; NaN marks a day without.

    Sen (1968), Estimates of the regression coefficient based on Kendall's tau. Rows with fewer than two values get NaN.
    """
    ordinals = np.array([day.toordinal() for day in days], dtype=np.float64)
    first, second = np.triu_indices(len(days), k=1)
    slopes = (values[:, second] - values[:, first]) / (ordinals[second] - ordinals[first])
    known = ~np.isnan(slopes).all(axis=1)
    result = np.full(len(values), np.nan)
    result[known] = np.nanmedian(slopes[known], axis=1)
    return result
