"""Rows put aside on disk in parts, so that each part can be read and worked on alone."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


class Spool:
    """Parts of rows in files of a folder that is someone else's to remove; written first, then read."""

    def __init__(self, folder: Path, *, schema: pl.Schema, n_parts: int) -> None:
        self.n_rows = 0
        self._folder, self._schema, self._n_parts = folder, schema, n_parts
        self._writers: dict[int, pq.ParquetWriter] = {}

    def add(self, frame: pl.DataFrame, *, by: pl.Expr) -> None:
        """Each row goes to the part that is the rest of `by`, a whole number, divided by the number of parts."""
        self.n_rows += frame.height
        placed = frame.with_columns(part=(by % self._n_parts).cast(pl.Int32))
        for (part,), rows in placed.partition_by("part", as_dict=True, include_key=False).items():
            table = rows.to_arrow()
            self._writer(part, table.schema).write_table(table)

    def parts(self) -> Iterator[pl.DataFrame]:
        """Every part that has rows, one at a time."""
        for writer in self._writers.values():
            writer.close()
        for part in sorted(self._writers):
            yield pl.read_parquet(self._path(part), schema=self._schema)

    def _writer(self, part: int, schema: pa.Schema) -> pq.ParquetWriter:
        if part not in self._writers:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._writers[part] = pq.ParquetWriter(self._path(part), schema, compression="zstd")
        return self._writers[part]

    def _path(self, part: int) -> Path:
        return self._folder / f"{part}.parquet"
