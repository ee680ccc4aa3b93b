"""How often each value of a column occurs, folded batch by batch: memory grows with the values, not with the rows.

Numbers stay in memory: 16 bytes for each that occurs. Texts may be as many as the rows; where they are too many, they
go to disk in parts by their hash, and each part is counted on its own. All figures are exact.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from customers.report.spool import Spool

MOST_PENDING = 200_000
MOST_TEXTS = 200_000
N_PARTS = 32


class Tally:
    """Counts of a column's values; nulls are counted apart."""

    def __init__(self, dtype: pl.DataType, *, folder: Path) -> None:
        self.n_rows = self.n_missing = 0
        self._counts = pl.DataFrame(schema={"value": dtype, "n": pl.Int64()})
        self._pending = [self._counts]
        self._spool = Spool(folder, schema=self._counts.schema, n_parts=N_PARTS) if dtype == pl.String() else None

    def add(self, values: pl.Series) -> None:
        self.n_rows += values.len()
        self.n_missing += values.null_count()
        found = values.drop_nulls().alias("value").value_counts(name="n")
        self._pending.append(found.with_columns(pl.col("n").cast(pl.Int64)).cast(self._counts.schema))
        if sum(frame.height for frame in self._pending) > MOST_PENDING:
            self._compact()

    def parts(self) -> Iterator[pl.DataFrame]:
        """Frames of value and n that hold each value once, in one of them."""
        self._compact()
        if self._spool is None or not self._spool.n_rows:
            yield self._counts
            return
        self._spill(self._spool)
        for part in self._spool.parts():
            yield _summed(part)

    def counts(self) -> pl.DataFrame:
        """The counts of numbers, in one frame."""
        (found,) = self.parts()
        return found

    @property
    def n_distinct(self) -> int:
        return sum(part.height for part in self.parts())

    def _compact(self) -> None:
        self._counts = _summed(pl.concat([self._counts, *self._pending]))
        self._pending = []
        if self._spool is not None and self._counts.height > MOST_TEXTS:
            self._spill(self._spool)

    def _spill(self, spool: Spool) -> None:
        spool.add(self._counts, by=pl.col("value").hash())
        self._counts = self._counts.clear()


def tally(values: pl.Series, *, folder: Path) -> Tally:
    """Of values that are all there at once."""
    found = Tally(values.dtype, folder=folder)
    found.add(values)
    return found


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.group_by("value").agg(pl.col("n").sum())
