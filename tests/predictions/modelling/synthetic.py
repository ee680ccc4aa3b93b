"""Rows whose outcome depends on three columns of six, one of them a label and one with holes."""

import numpy as np
import polars as pl

from predictions.modelling.encoding import Encoding
from predictions.modelling.rows import Rows

NAMES = ("count", "amount", "days", "colour", "noise", "empty")


def frame(n: int = 1200, seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    count, days = random.poisson(3, n), random.integers(1, 20, n)
    colour = random.choice(["red", "green", "blue"], n)
    odds = 0.8 - 0.5 * count + 0.08 * days + (colour == "red")
    return pl.DataFrame(
        {
            "count": count,
            "amount": pl.Series(np.where(random.random(n) < 0.3, np.nan, random.lognormal(3, 1, n))).fill_nan(None),
            "days": days,
            "colour": colour,
            "noise": random.normal(size=n),
            "empty": pl.Series([None] * n, dtype=pl.Float64),
            "churned": random.random(n) < 1 / (1 + np.exp(-odds)),
        }
    )


def encoded(given: pl.DataFrame) -> tuple[Encoding, Rows]:
    encoding = Encoding.fit(given, names=NAMES, labels=["colour"])
    n = given.height
    return encoding, Rows(
        matrix=encoding.matrix(given),
        churned=given["churned"].to_numpy(),
        customers=np.arange(n, dtype=np.int64) // 4,
        days=np.full(n, 736_000, dtype=np.int32) + np.arange(n, dtype=np.int32) % 4 * 7,
    )
