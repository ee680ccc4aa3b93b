"""Feature frames as matrices: numbers as they are, labels as positions in a fixed list, missing values as NaN."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["Encoding", "Matrix"]

Matrix = NDArray[np.float32]
MOST_CATEGORIES = 200


@dataclass(frozen=True)
class Encoding:
    """Column order and the category lists of the labels; an unseen label is a missing value."""

    names: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]

    @classmethod
    def fit(cls, frame: pl.DataFrame, *, names: Sequence[str], labels: Sequence[str]) -> "Encoding":
        """Lists of the labels of `frame`: the 200 most frequent of each column, in code point order."""
        lists = {name: _most_frequent(frame[name]) for name in names if name in set(labels)}
        return cls(names=tuple(names), categories=lists)

    def matrix(self, frame: pl.DataFrame) -> Matrix:
        """Rows of `frame` as float32 (rows, names); NaN where a value is missing or its label is not in the list."""
        matrix = np.empty((frame.height, len(self.names)), dtype=np.float32)
        for position, name in enumerate(self.names):
            matrix[:, position] = self.column(frame[name], name)
        return matrix

    def column(self, column: pl.Series, name: str) -> Matrix:
        """One feature's values as `matrix` would hold them: float32 (rows,)."""
        if name not in self.categories:
            return column.cast(pl.Float32).fill_null(float("nan")).to_numpy()
        known = self.categories[name]
        codes = (
            column.cast(pl.String).replace_strict(
                list(known), [float(code) for code in range(len(known))], default=None, return_dtype=pl.Float32
            )
            if known
            else pl.Series([None] * len(column), dtype=pl.Float32)
        )
        return codes.fill_null(float("nan")).to_numpy()

    @property
    def label_positions(self) -> list[int]:
        return [position for position, name in enumerate(self.names) if name in self.categories]

    def document(self) -> dict[str, Any]:
        return {"names": list(self.names), "categories": {k: list(v) for k, v in self.categories.items()}}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Encoding":
        return cls(
            names=tuple(document["names"]),
            categories={name: tuple(values) for name, values in document["categories"].items()},
        )


def _most_frequent(column: pl.Series) -> tuple[str, ...]:
    counts = pl.DataFrame({"label": column.cast(pl.String)}).drop_nulls().group_by("label").len()
    top = counts.sort(["len", "label"], descending=[True, False]).head(MOST_CATEGORIES)
    return tuple(sorted(top["label"].to_list()))
