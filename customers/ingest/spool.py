"""Checked rows on disk between reading a file and loading it, so that memory does not grow with the file.

The whole file is read and checked before the first row is stored: a file that is cut off stores nothing, and of two
rows with one id the later is known to be there.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

_ROWS_A_PART = 100_000


class Spool:
    """Frames in the order they came, each row with its number (`row`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._n_frames = 0
        self.n_rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Keep a frame."""
        if frame.is_empty():
            return
        frame = frame.with_row_index("row", offset=self.n_rows)
        frame.write_ipc(self._path(self._n_frames), compression="lz4")
        self._n_frames += 1
        self.n_rows += frame.height

    def frames(self, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """Each frame again."""
        for number in range(self._n_frames):
            yield pl.read_ipc(self._path(number), columns=columns)

    def parts(self, key: str, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows by a hash of `key`, so that all rows with one key come together and a part stays small."""
        n_parts = max(1, -(-self.n_rows // _ROWS_A_PART))
        for part in range(n_parts):
            chosen = [frame.filter(frame[key].hash() % n_parts == part) for frame in self.frames(columns)]
            if chosen:
                yield pl.concat(chosen)

    def superseded(self, key: str) -> np.ndarray:
        """For each row whether a later good row has the same key. One byte a row."""
        is_superseded = np.zeros(self.n_rows, dtype=np.bool_)
        for part in self.parts(key, ["row", key, "reasons"]):
            good = part.filter(part["reasons"].is_null())
            latest = good.select("row", last=pl.col("row").max().over(key))
            is_superseded[latest.filter(pl.col("row") != pl.col("last"))["row"].to_numpy()] = True
        return is_superseded

    def n_before(self, key: str) -> np.ndarray:
        """For each good row how many good rows with the same key came before it. Four bytes a row."""
        before = np.zeros(self.n_rows, dtype=np.int32)
        for part in self.parts(key, ["row", key, "reasons"]):
            good = part.filter(part["reasons"].is_null())
            counted = good.select("row", n=pl.int_range(pl.len()).over(key))
            before[counted["row"].to_numpy()] = counted["n"].to_numpy()
        return before

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.arrow"


class Kept(Spool):
    """The frames of one call, few enough to stay in memory."""

    def __init__(self) -> None:
        super().__init__(Path())
        self._frames: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Keep a frame."""
        if not frame.is_empty():
            self._frames.append(frame.with_row_index("row", offset=self.n_rows))
            self.n_rows += frame.height

    def frames(self, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """Each frame again."""
        yield from (frame if columns is None else frame.select(columns) for frame in self._frames)
