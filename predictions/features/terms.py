"""Terms: the numbers that features are made of, each a column of its own before any feature is computed.

A term says what is counted and over which window, never how or when: the engine looks the terms of the declared
features up here and fills them in. All are whole numbers (amounts in cents) or labels, so that they are exact.
"""

from dataclasses import dataclass

import polars as pl

from predictions.features.core import H, W, Window


@dataclass(frozen=True, eq=False)
class Term:
    """One column: `how` over the rows or days of `source` within `window`."""

    name: str
    source: str
    how: str
    window: Window
    column: str = ""
    where: pl.Expr | None = None


REGISTRY: dict[str, Term] = {}


def _term(source: str, how: str, window: Window, column: str = "", where: pl.Expr | None = None) -> pl.Expr:
    name = "|".join((source, how, str(window), column, "" if where is None else str(where)))
    REGISTRY.setdefault(name, Term(name, source, how, window, column, where))
    return pl.col(name)


@dataclass(frozen=True)
class Daily:
    """A whole number for each customer and local day of the history: events, or cents."""

    name: str

    def total(self, window: Window) -> pl.Expr:
        """The sum over the window."""
        return _term(self.name, "total", window)

    def days(self, window: Window) -> pl.Expr:
        """Distinct days with any."""
        return _term(self.name, "days", window)

    def weeks(self) -> pl.Expr:
        """Distinct weeks of D with any, in H."""
        return _term(self.name, "weeks", H)

    def latest(self, window: Window) -> pl.Expr:
        """Age of the latest day with any; null where there is none."""
        return _term(self.name, "latest", window)

    def first(self, window: Window) -> pl.Expr:
        """Age of the first day with any; null where there is none."""
        return _term(self.name, "first", window)

    def gaps(self) -> pl.Expr:
        """The number of gaps between consecutive days with any, in H."""
        return _term(self.name, "gaps", H)

    def gap_sum(self) -> pl.Expr:
        return _term(self.name, "gap_sum", H)

    def gap_squares(self) -> pl.Expr:
        """The sum of the squared gaps."""
        return _term(self.name, "gap_squares", H)

    def long_gaps(self) -> pl.Expr:
        """The number of gaps longer than 7 days."""
        return _term(self.name, "long_gaps", H)


@dataclass(frozen=True)
class Rows:
    """Rows with their fine columns; blank cells are null and never counted as a value."""

    name: str
    default: Window = W

    def count(self, *, where: pl.Expr | None = None, window: Window | None = None) -> pl.Expr:
        return _term(self.name, "count", window or self.default, where=where)

    def total(self, column: str, *, where: pl.Expr | None = None) -> pl.Expr:
        """The sum of the values that there are."""
        return _term(self.name, "sum", self.default, column, where)

    def known(self, column: str, *, where: pl.Expr | None = None) -> pl.Expr:
        """How many rows have a value."""
        return _term(self.name, "known", self.default, column, where)

    def least(self, column: str) -> pl.Expr:
        return _term(self.name, "min", self.default, column)

    def greatest(self, column: str) -> pl.Expr:
        return _term(self.name, "max", self.default, column)

    def median(self, column: str) -> pl.Expr:
        return _term(self.name, "median", self.default, column)

    def squares(self, column: str) -> pl.Expr:
        """The exact sum of squares, in 128 bits."""
        return _term(self.name, "squares", self.default, column)

    def kinds(self, column: str) -> pl.Expr:
        """Distinct labels."""
        return _term(self.name, "kinds", self.default, column)

    def top(self, column: str) -> pl.Expr:
        """The label with most rows; of several, the first by code point."""
        return _term(self.name, "top", self.default, column)

    def top_count(self, column: str) -> pl.Expr:
        return _term(self.name, "top_count", self.default, column)

    def entropy(self, column: str) -> pl.Expr:
        """Shannon entropy of the labels' shares, natural logarithm; null where no row has a label."""
        return _term(self.name, "entropy", self.default, column)


purchases = Daily("purchases")
amount = Daily("amount")
logins = Daily("logins")
activity = Daily("activity")

purchase_rows = Rows("purchase_rows")
transaction_rows = Rows("transaction_rows")
interaction_rows = Rows("interaction_rows")
# One row for each customer and distinct neighbour; the window is that of the neighbour's activity days.
neighbour_rows = Rows("neighbour_rows")

age_days = pl.col("age_days")


def constant(value: int) -> pl.Expr:
    """A column of one number. polars divides by a literal by multiplying with its reciprocal, which differs in the
    last bit, and only where there are two rows or more; by a column it divides."""
    return _term("constant", str(value), H)


def given(column: str) -> pl.Expr:
    """A column of the customer as given; blank is null."""
    return pl.col(column)


def observed(window: Window) -> pl.Expr:
    """Days of the window on or after the registration date."""
    return (pl.min_horizontal(age_days, pl.lit(window.last)) - (window.first - 1)).clip(lower_bound=0)
