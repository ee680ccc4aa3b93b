"""Fisher's exact test of a 2 × 2 table (Fisher 1935), in whole numbers: ties are ties and nothing overflows."""

from math import comb

from experiments.stats.sums import Proportion

__all__ = ["fisher_exact"]


def fisher_exact(first: Proportion, second: Proportion) -> float:
    """Two-sided p: the sum over the tables with the same margins that are no likelier than the observed one.

    Meant for tables with an expected count below 5: of those there are at most √(5 n) with the same margins.
    """
    group, events, total = _smaller(first, second)
    least, most = max(0, group.n + events - total), min(group.n, events)
    weights = _weights(group.n, events, total, least, most)
    observed = weights[group.events - least]
    return sum(weight for weight in weights if weight <= observed) / sum(weights)


def _smaller(first: Proportion, second: Proportion) -> tuple[Proportion, int, int]:
    """The smaller arm and the rarer outcome of the table: its shortest side to count along."""
    group = min(first, second, key=lambda arm: arm.n)
    both = first + second
    if 2 * both.events <= both.n:
        return group, both.events, both.n
    return Proportion(n=group.n, events=group.n - group.events), both.n - both.events, both.n


def _weights(group: int, events: int, total: int, least: int, most: int) -> list[int]:
    """Ways to have k of the events in the group, k from `least` to `most`, each from the one before."""
    weight = comb(group, least) * comb(total - group, events - least)
    weights = [weight]
    for k in range(least, most):
        weight = weight * (group - k) * (events - k) // ((k + 1) * (total - group - events + k + 1))
        weights.append(weight)
    return weights
