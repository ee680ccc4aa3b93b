"""What a feature is: a name, a type, a sentence for people, and an expression over terms.

A feature never touches rows. It combines terms (`terms.py`), and terms are filled in by one engine (`engine.py`) that
knows the as-of date; so no declaration can see a fact dated on or after it.
"""

from dataclasses import dataclass, field

import polars as pl

HISTORY_DAYS = 180
WINDOW_DAYS = 20
COMPETITOR_TOPIC = "competitor"


def gettext_noop(message: str) -> str:
    """Mark a text for translation; it is translated where it is shown, for nothing here knows a framework."""
    return message


@dataclass(frozen=True)
class Type:
    """A feature's type as people read it, its column type, and its unit."""

    text: str
    dtype: pl.DataType
    unit: str = ""

    @property
    def is_label(self) -> bool:
        return self.dtype == pl.String()


LABEL = Type("label", pl.String())
INT = Type("int", pl.Int64())
INT_DAYS = Type("int, days", pl.Int64(), "days")
INT_SECONDS = Type("int, s", pl.Int64(), "s")
SCORE = Type("int 1–5", pl.Int64())
FLAG = Type("0/1", pl.Int64())
AMOUNT = Type("amount", pl.Float64(), "amount")
FLOAT = Type("float", pl.Float64())
SHARE = Type("0–1", pl.Float64())
CHANGE = Type("−1–1", pl.Float64())
RATING = Type("1–5", pl.Float64())
DAYS = Type("days", pl.Float64(), "days")
SECONDS = Type("s", pl.Float64(), "s")
PAGES = Type("pages", pl.Float64(), "pages")


@dataclass(frozen=True)
class Window:
    """Days by their age, both ends included; age 1 is the day before the as-of date, so the future has none."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last <= HISTORY_DAYS:
            raise ValueError(f"A window lies within ages 1 to {HISTORY_DAYS}, unlike {self.first} to {self.last}.")

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def __len__(self) -> int:
        return self.last - self.first + 1


W = Window(1, WINDOW_DAYS)
H = Window(1, HISTORY_DAYS)
B = Window(WINDOW_DAYS + 1, HISTORY_DAYS)
LAST_10, FIRST_10 = Window(1, 10), Window(11, 20)
BUCKETS = (Window(16, 20), Window(11, 15), Window(6, 10), Window(1, 5))
WEEKS = tuple(Window(7 * week - 6, 7 * week) for week in range(1, 9))
WEEK_1, WEEK_2 = WEEKS[:2]


@dataclass(frozen=True)
class Feature:
    """A column of the snapshot; number, name and family are filled in by the catalogue from where it is declared."""

    description: str
    type: Type
    expression: pl.Expr = field(repr=False, compare=False)
    when_none: str = ""
    number: int = 0
    name: str = ""
    family: str = ""

    @property
    def dtype(self) -> pl.DataType:
        return self.type.dtype

    @property
    def unit(self) -> str:
        return self.type.unit

    @property
    def value(self) -> pl.Expr:
        """The expression with the column's type, for the snapshot and for features made of this one."""
        return self.expression.cast(self.type.dtype)
