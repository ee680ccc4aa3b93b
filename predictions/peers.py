"""Peers: the quartiles of every numeric feature among the active customers of each type, kept with the snapshot.

A customer's page compares with them in one look-up. Columns are read a few at a time, so that memory does not grow
with their number.
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from predictions.features.catalogue import NUMERIC
from predictions.models import FeatureSnapshot, PeerGroup

__all__ = ["FEWEST", "groups_of", "keep", "of"]

FEWEST = 20
"""A type with fewer active customers is compared with all of them: quartiles of a handful say little."""

MOST_TYPES = 200
COLUMNS_AT_A_TIME = 12
TYPE = "customer_type"
SHARES = (0.25, 0.5, 0.75)
Quartiles = dict[str, list[float | None]]


def groups_of(path: Path) -> dict[str, tuple[int, Quartiles]]:
    """By type, blank for all together: how many active customers, and [q1, median, q3] of each numeric feature.

    Types with fewer than FEWEST are left out, and so are the rarest beyond MOST_TYPES.
    """
    active = pl.scan_parquet(path).filter(pl.col("eligible")).with_columns(pl.col(TYPE).cast(pl.String))
    sizes = active.group_by(TYPE).len().collect().filter(pl.col("len") >= FEWEST)
    kept = sizes.sort("len", TYPE, descending=[True, False]).head(MOST_TYPES)
    groups: dict[str, tuple[int, Quartiles]] = {str(name): (int(n), {}) for name, n in kept.iter_rows() if name}
    groups[""] = (int(active.select(pl.len()).collect().item()), {})
    for first in range(0, len(NUMERIC), COLUMNS_AT_A_TIME):
        names = NUMERIC[first : first + COLUMNS_AT_A_TIME]
        few = active.select(TYPE, *(pl.col(name).cast(pl.Float64) for name in names)).collect()
        _fill(groups, few.select(_quartiles(names)).with_columns(pl.lit("").alias(TYPE)))
        _fill(groups, few.filter(pl.col(TYPE) != "").group_by(TYPE).agg(_quartiles(names)))
    return groups


def keep(snapshot: FeatureSnapshot, groups: dict[str, tuple[int, Quartiles]]) -> None:
    """Store the groups in the place of the snapshot's earlier ones."""
    snapshot.peer_groups.all().delete()
    PeerGroup.objects.bulk_create(
        PeerGroup(snapshot=snapshot, customer_type=name, n_customers=n, quartiles=quartiles)
        for name, (n, quartiles) in groups.items()
    )


def of(snapshot: FeatureSnapshot, customer_type: str) -> PeerGroup | None:
    """The group that a customer of the type is compared with: its type's, else all active customers together."""
    found = {one.customer_type: one for one in snapshot.peer_groups.filter(customer_type__in=("", customer_type))}
    return found.get(customer_type) or found.get("")


def _quartiles(names: Iterable[str]) -> list[pl.Expr]:
    return [pl.concat_list([pl.col(name).quantile(share, "linear") for share in SHARES]).alias(name) for name in names]


def _fill(groups: dict[str, tuple[int, Quartiles]], frame: pl.DataFrame) -> None:
    for row in frame.iter_rows(named=True):
        if row[TYPE] in groups:
            groups[row[TYPE]][1].update({name: _rounded(values) for name, values in row.items() if name != TYPE})


def _rounded(values: list[float | None]) -> list[float | None]:
    return [None if value is None else round(value, 4) for value in values]
