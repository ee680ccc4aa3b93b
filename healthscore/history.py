"""The stored scores that a forecast looks back on: a row a customer and a column a day, in ten-thousandths."""

import datetime as dt
from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from healthscore.dimensions import trend
from healthscore.dimensions.configuration import Configuration
from healthscore.models import HealthScore
from healthscore.sources import batches

__all__ = ["History"]


class History:
    """Scores of some customers on the days of [first, last]; 2 bytes each."""

    def __init__(self, *, customers: Iterable[int], first: dt.date, last: dt.date) -> None:
        self._keys = np.unique(np.fromiter(customers, dtype=np.int64))
        self._first = first
        self._scores = np.full((len(self._keys), (last - first).days + 1), trend.NONE, dtype=np.int16)

    @classmethod
    def stored(
        cls, *, customers: Iterable[int], since: dt.date, until: dt.date, days: int, customer_pk: int | None = None
    ) -> "History":
        """The stored scores of the `days` before `since`, with room for those up to `until`."""
        history = cls(customers=customers, first=since - dt.timedelta(days=days), last=until)
        table = HealthScore._meta.db_table
        whose = "" if customer_pk is None else f" AND customer_id = {customer_pk:d}"
        sql = (
            f"SELECT customer_id, as_of, CAST(ROUND(score * 10000) AS BIGINT) AS score FROM {table}"  # noqa: S608
            f" WHERE as_of >= '{history._first}' AND as_of < '{since}'{whose}"
        )
        for batch in batches(sql=sql, schema={"customer_id": pl.Int64(), "as_of": pl.Date(), "score": pl.Int64()}):
            history._put(batch["customer_id"], (batch["as_of"] - history._first).dt.total_days(), batch["score"])
        return history

    def add(self, as_of: dt.date, scored: pl.DataFrame) -> None:
        """The scores of a day."""
        self._scores[:, self._column(as_of)] = trend.NONE
        column = pl.Series([self._column(as_of)]).new_from_index(0, scored.height)
        self._put(scored["customer_pk"], column, scored["score"])

    def forecast(self, as_of: dt.date, scored: pl.DataFrame, configuration: Configuration) -> NDArray[np.float64]:
        """The forecast of each row of `scored`, from the scores of the days up to and with `as_of`."""
        last = self._column(as_of)
        first = max(0, last - int(configuration.document["trend"]["history_days"]))
        ordinals = [self._first.toordinal() + column for column in range(first, last + 1)]
        rows = np.searchsorted(self._keys, scored["customer_pk"].to_numpy())
        scores = self._scores[rows, first : last + 1]
        return trend.forecast(days=ordinals, scores=scores, configuration=configuration)

    def _column(self, day: dt.date) -> int:
        return (day - self._first).days

    def _put(self, customers: pl.Series, columns: pl.Series, scores: pl.Series) -> None:
        keys = customers.to_numpy()
        rows = np.searchsorted(self._keys, keys)
        rows[rows == len(self._keys)] = 0
        known = self._keys[rows] == keys if len(self._keys) else np.zeros(len(keys), dtype=bool)
        self._scores[rows[known], columns.to_numpy()[known]] = scores.to_numpy()[known].astype(np.int16)
