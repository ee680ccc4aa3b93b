"""The experiment of an address, with its arms and conditions; 404 where there is none."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from experiments.models import Experiment

__all__ = ["found", "locked", "whole"]


def found(pk: int) -> Experiment:
    """As it is now."""
    return get_object_or_404(whole(Experiment.objects.all()), pk=pk)


def locked(pk: int) -> Experiment:
    """Nobody else changes or moves it until the transaction ends."""
    return get_object_or_404(whole(Experiment.objects.select_for_update()), pk=pk)


def whole(rows: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """With what an answer tells of each, in a fixed number of queries."""
    return rows.prefetch_related("arms", "conditions")
