"""The engine: cuts the rows to the as-of date, counts each dimension's facts, weighs parts and dimensions.

A part without data is left out and the others of its dimension are scaled up; a dimension without any part likewise.
"""

import math
from collections.abc import Mapping, Sequence

import polars as pl

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


def at_least(bound: float) -> int:
    """The least score, in ten-thousandths, that is not below a bound."""
    return math.ceil(round(bound * SCALE, 6))


def grades(score: pl.Series, configuration: Configuration) -> pl.Series:
    """The grade of each score in ten-thousandths; the lower bound belongs to the better grade."""
    bounds = [at_least(configuration.document["grades"][grade]) for grade in GRADES[:-1]]
    grade = pl.lit(GRADES[-1])
    for name, bound in reversed(list(zip(GRADES, bounds, strict=False))):
        grade = pl.when(pl.col("score") >= bound).then(pl.lit(name)).otherwise(grade)
    known = pl.when(pl.col("score").is_not_null()).then(grade)
    return pl.DataFrame({"score": score}).select(known.alias("grade"))["grade"]


def contributions(frame: pl.DataFrame, configuration: Configuration) -> pl.DataFrame:
    """What each part adds to `exact`, a column `dimension.part` each; the columns of a row add up to it."""
    added, whole = [], _added([_present(one.name) for one in DIMENSIONS])
    for dimension in DIMENSIONS:
        weights = configuration.document[dimension.name]["weights"]
        columns = {part_column(dimension.name, part.name): float(weights[part.name]) for part in dimension.parts}
        _value, within = _weighed(columns)
        outer = pl.col(weight_column(dimension.name)) / whole
        added += [
            (pl.col(name).fill_null(0.0) * weight / within * outer).fill_nan(0.0) for name, weight in columns.items()
        ]
    return frame.select("customer_pk", *added)
