"""A source's cells as ours, as a profile says: columns renamed and combined, values replaced, lines set aside, summed.

Frames here have `line`, `n_rows` (lines of the file that a row stands for), `reasons` (JSON or null), a column
`raw:NAME` for each of the source's columns (null where a row has no such cell, "" where it is empty), and after
`mapped` a column `cell:NAME` for each of ours, in `lacks` the names of those that the source does not have, and in
`by_deal` the deal that the row names instead of its customer.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from customers.ingest.declare import Kind
from customers.ingest.messages import Reason, reason
from customers.ingest.profiles import Rules

_MONEY = pl.Decimal(38, 6)
_NOTHING = pl.lit(None, pl.String)


def mapped(frame: pl.DataFrame, *, kind: Kind, rules: Rules) -> pl.DataFrame:
    """The frame with our cells, trimmed, null where empty; lines that the profile sets aside have their reasons."""
    present = {column.removeprefix("raw:") for column in frame.columns if column.startswith("raw:")}
    cells = [_cell(column.name, rules, present).alias(f"cell:{column.name}") for column in kind.columns]
    frame = frame.with_columns(cells).with_columns(
        _lacking(kind, rules, present), (trimmed(rules.deal()) if rules.deal() else _NOTHING).alias("by_deal")
    )
    found = [(frame.select(_condition(condition)).to_series(), _filtered(condition)) for condition in rules.set_aside]
    found += _not_numbers(frame, rules)
    return with_reasons(frame, found)


def with_reasons(frame: pl.DataFrame, found: Iterable[tuple[pl.Series, Reason]]) -> pl.DataFrame:
    """The frame with a reason more on the rows of each mask."""
    more: dict[int, list[Reason]] = {}
    for mask, why in found:
        for row in mask.fill_null(value=False).arg_true():
            more.setdefault(row, []).append(why)
    return add_reasons(frame, more)


def add_reasons(frame: pl.DataFrame, more: dict[int, list[Reason]]) -> pl.DataFrame:
    """The frame with further reasons by row position."""
    if not more:
        return frame
    reasons = frame["reasons"]
    positions = sorted(more)
    texts = [
        json.dumps(json.loads(old or "[]") + more[row], ensure_ascii=False)
        for row, old in zip(positions, reasons.gather(positions), strict=True)
    ]
    return frame.with_columns(reasons.scatter(positions, texts))


def grouped(frame: pl.DataFrame, *, kind: Kind, rules: Rules) -> pl.DataFrame:
    """Lines with one id as one row, on the line of the first; its raw cells are ours, since no line has them all."""
    by = f"cell:{rules.group['by']}"
    takes: dict[str, str] = rules.group.get("take", {})
    cells = [
        _TAKES[takes.get(column.name, "first")](pl.col(f"cell:{column.name}")).alias(f"cell:{column.name}")
        for column in kind.columns
        if f"cell:{column.name}" != by
    ]
    rows = frame.group_by(by, maintain_order=True).agg(
        pl.col("line").min(), pl.col("n_rows").sum(), pl.col("lacks", "by_deal").first(), *cells
    )
    raw = [
        pl.when(~lacks(column.name)).then(pl.col(f"cell:{column.name}").fill_null("")).alias(f"raw:{column.name}")
        for column in kind.columns
    ]
    return rows.with_columns(raw).with_columns(pl.lit(None, pl.String).alias("reasons"), is_mapped=True).sort("line")


# Sums are rounded to cents once, at the end: prices of a line may have more places.
_TAKES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "sum": lambda cells: cells.cast(_MONEY, strict=False).sum().cast(pl.Decimal(38, 2)).cast(pl.String),
    "min": pl.Expr.min,
    "max": pl.Expr.max,
    "first": lambda cells: cells.drop_nulls().first(),
    "last": lambda cells: cells.drop_nulls().last(),
}


def trimmed(column: str) -> pl.Expr:
    """A source's column without space at its ends, null where nothing is left."""
    text = pl.col(f"raw:{column}").str.strip_chars()
    return pl.when(text != "").then(text)


def _cell(column: str, rules: Rules, present: set[str]) -> pl.Expr:
    if column in rules.constants:
        return pl.lit(rules.constants[column])
    sources = rules.sources(column)
    if not present.issuperset(sources):
        return _NOTHING
    text = _combined(rules.columns.get(column, column), sources)
    table = rules.values.get(column)
    return text.replace(dict(table)) if table else text


def _lacking(kind: Kind, rules: Rules, present: set[str]) -> pl.Expr:
    """The names of our columns that a row has no cell for, with a comma between them; those are left alone."""
    names = [_name_if_lacking(column.name, rules, present) for column in kind.columns]
    return pl.concat_str(names, separator=",", ignore_nulls=True).alias("lacks")


def _name_if_lacking(column: str, rules: Rules, present: set[str]) -> pl.Expr:
    if column in rules.constants:
        return _NOTHING
    sources = rules.sources(column)
    if not present.issuperset(sources):
        return pl.lit(column)
    return pl.when(pl.any_horizontal(pl.col(f"raw:{source}").is_null() for source in sources)).then(pl.lit(column))


def lacks(column: str) -> pl.Expr:
    """Whether a row has no cell for one of our columns."""
    return pl.col("lacks").str.split(",").list.contains(column)


def _combined(rule: Any, sources: tuple[str, ...]) -> pl.Expr:
    if isinstance(rule, dict) and "deal" in rule:
        return _NOTHING
    if isinstance(rule, dict) and "multiply" in rule:
        product = trimmed(sources[0]).cast(_MONEY, strict=False)
        for source in sources[1:]:
            product = product * trimmed(source).cast(_MONEY, strict=False)
        return product.cast(pl.String).str.replace(r"\.?0+$", "")
    if isinstance(rule, dict) and "divide" in rule:
        return (
            (trimmed(sources[0]).cast(pl.Float64, strict=False) / rule["by"]).cast(_MONEY, strict=False).cast(pl.String)
        )
    if isinstance(rule, dict):
        joined = pl.concat_str([trimmed(s) for s in sources], separator=rule.get("with", " "), ignore_nulls=True)
        return pl.when(joined != "").then(joined)
    return trimmed(sources[0])


def _condition(condition: Any) -> pl.Expr:
    text = trimmed(condition["column"])
    if "equals" in condition:
        wanted = condition["equals"]
        return text.is_in(wanted if isinstance(wanted, list) else [wanted])
    if "starts_with" in condition:
        return text.str.starts_with(condition["starts_with"])
    if "matches" in condition:
        return text.str.contains(condition["matches"])
    if "at_most" in condition:
        return text.cast(_MONEY, strict=False) <= pl.lit(str(condition["at_most"])).cast(_MONEY)
    return text.is_null() if condition["is_blank"] else text.is_not_null()


def _filtered(condition: Any) -> Reason:
    return reason("filtered", condition["column"], reason=condition["reason"])


def _not_numbers(frame: pl.DataFrame, rules: Rules) -> list[tuple[pl.Series, Reason]]:
    """What is to be multiplied or divided and is no number: the result is not known, so the line is set aside."""
    found = []
    for column, rule in rules.columns.items():
        for source in rules.sources(column) if isinstance(rule, dict) and rule.keys() & {"multiply", "divide"} else ():
            if f"raw:{source}" in frame.columns:
                is_none = trimmed(source).cast(_MONEY, strict=False).is_null()
                # A blank factor leaves the product open; what is divided is blank itself.
                is_broken = is_none if "multiply" in rule else is_none & trimmed(source).is_not_null()
                found.append((frame.select(is_broken).to_series(), reason("not_amount", source)))
    return found
