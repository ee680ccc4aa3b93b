"""What a dimension is: parts of a weight each, made of facts that are counted from the rows known at a date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from healthscore.dimensions.rows import Rows

__all__ = ["Dimension", "Numbers", "Part", "gettext_noop"]

Numbers = Mapping[str, Any]


def gettext_noop(message: str) -> str:
    """Mark a text for translation; it is translated where it is shown, for nothing here knows a framework."""
    return message


@dataclass(frozen=True)
class Part:
    """A figure from 0 to 1, null without data. `value` is over the columns that its dimension's `facts` gives."""

    name: str
    title: str
    description: str
    value: Callable[[Numbers], pl.Expr] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Dimension:
    """`facts(rows, numbers)` counts what its parts need: a row a customer with `customer_pk`, absent where nothing.

    `numbers` is the dimension's own section of the configuration; its `weights` are by the parts' names.
    """

    name: str
    title: str
    playbook: str
    source: str
    parts: tuple[Part, ...]
    facts: Callable[[Rows, Numbers], pl.DataFrame] = field(repr=False, compare=False)
