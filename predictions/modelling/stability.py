"""How far a distribution has moved from training: the population stability index and what chance alone would give.

PSI = Σ (a − e) ln(a / e) over bins. With N reference and M new units and no change it follows (1/N + 1/M) times a
chi-square of B − 1 degrees of freedom (Yurdakul 2018, Statistical Properties of Population Stability Index, eq. 3.8;
Yurdakul & Naranjo 2020), so a small day is not alarmed by noise. N is the number of customers behind the reference
rows, not of rows: one customer's rows at many dates are not independent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

__all__ = ["Profile", "Shift", "compare", "profile"]

FLOOR = 1e-4
MOST_BINS = 10
LARGE, CERTAIN, LEAST_ROWS = 0.2, 0.001, 100


@dataclass(frozen=True)
class Profile:
    """Shares of a column's values in bins; the last bin is for missing values. Labels have no edges but `n_codes`."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    n_units: int
    n_codes: int = 0

    def document(self) -> dict[str, Any]:
        return {"edges": [*self.edges], "shares": [*self.shares], "n_units": self.n_units, "n_codes": self.n_codes}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Profile":
        return cls(tuple(document["edges"]), tuple(document["shares"]), document["n_units"], document["n_codes"])

    def count(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """How many of `values` fall into each bin."""
        known = values[~np.isnan(values)]
        if self.n_codes:
            counts = np.bincount(known.astype(np.int64), minlength=self.n_codes)[: self.n_codes]
        else:
            places = np.searchsorted(np.asarray(self.edges), known, side="left")
            counts = np.bincount(places, minlength=len(self.edges) + 1)
        return np.asarray(np.r_[counts, len(values) - len(known)], dtype=np.float64)


@dataclass(frozen=True)
class Shift:
    """A PSI, the chance of one as large without any change, and whether it is worth a warning."""

    psi: float
    p_value: float | None
    is_warning: bool


def profile(*, values: NDArray[Any], n_units: int, n_codes: int = 0) -> Profile:
    """Reference of a column: deciles (fewer where values repeat), or one bin a label code."""
    known = values[~np.isnan(values)].astype(np.float64)
    edges: Sequence[float] = ()
    if not n_codes and len(known):
        inner = np.unique(np.quantile(known, np.linspace(0, 1, MOST_BINS + 1)[1:-1], method="inverted_cdf"))
        edges = [float(edge) for edge in inner if edge < known.max()]
    empty = Profile(tuple(edges), (), n_units, n_codes)
    counts = empty.count(values)
    return Profile(tuple(edges), tuple(counts / max(len(values), 1)), n_units, n_codes)


def compare(*, reference: Profile, values: NDArray[Any]) -> Shift:
    """PSI of `values` against the reference; a warning needs 100 rows, PSI ≥ 0.2 and p < 0.001."""
    if not len(values):
        return Shift(0.0, None, False)
    counts = reference.count(values)
    expected = np.asarray(reference.shares)
    used = (counts > 0) | (expected > 0)
    actual, expected = counts[used] / len(values), expected[used]
    psi = float(np.sum((actual - expected) * np.log(np.maximum(actual, FLOOR) / np.maximum(expected, FLOOR))))
    scale = 1 / max(reference.n_units, 1) + 1 / len(values)
    p_value = float(chi2.sf(psi / scale, used.sum() - 1)) if used.sum() > 1 else 1.0
    return Shift(psi, p_value, psi >= LARGE and p_value < CERTAIN and len(values) >= LEAST_ROWS)
