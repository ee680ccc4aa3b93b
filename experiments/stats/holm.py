"""Holm's step-down adjustment of several p-values (Holm 1979, Scandinavian Journal of Statistics 6)."""

from collections.abc import Sequence

__all__ = ["holm"]


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values in the order given; a comparison without a p stays None and does not count."""
    held = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    reached = 0.0
    for rank, (p, place) in enumerate(held):
        reached = max(reached, min(1.0, (len(held) - rank) * p))
        adjusted[place] = reached
    return adjusted
