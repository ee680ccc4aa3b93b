"""What a row is among the rows of its file: superseded by a later one with its id, or the n-th of those alike."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from customers.ingest.alike import numbered
from customers.ingest.declare import Kind
from customers.ingest.mapping import with_reasons
from customers.ingest.messages import reason
from customers.ingest.spool import Spool


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """By the number of the row; only one of the two is there, and neither for rows that have no key."""

    is_superseded: np.ndarray | None = None
    n_before: np.ndarray | None = None

    @classmethod
    def of(cls, spool: Spool, *, kind: Kind) -> "Repeats":
        """What the rows of a whole file are to each other."""
        key = f"value:{kind.key}"
        if kind.is_counted:
            return cls(n_before=spool.n_before(key))
        return cls(is_superseded=spool.superseded(key)) if kind.key else cls()

    def marked(self, frame: pl.DataFrame, *, kind: Kind) -> pl.DataFrame:
        """A chunk with its keys whole, and a reason on the rows that a later one supersedes."""
        rows = frame["row"].to_numpy()
        if self.n_before is not None:
            return numbered(frame, pl.Series(self.n_before[rows]), kind=kind)
        if self.is_superseded is None:
            return frame
        return with_reasons(frame, [(pl.Series(self.is_superseded[rows]), reason("repeated", kind.key))])
