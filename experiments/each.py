"""The same work for every experiment that is followed: one that fails does not stop the others."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet

from experiments.models import Experiment

__all__ = ["each", "followed"]

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
TRANSIENT = (OperationalError, InterfaceError, ConnectionError, TimeoutError)
State = Experiment.State


def followed() -> QuerySet[Experiment]:
    """Those that run, and those that ended and are not final yet."""
    ended = Q(state__in=[State.STOPPED, State.COMPLETED, State.ARCHIVED], finalised_at=None)
    return Experiment.objects.filter(Q(state=State.RUNNING) | ended).order_by("pk")


def each(
    experiments: Iterable[Experiment], work: Callable[[Experiment], Result]
) -> tuple[dict[int, Result], list[dict[str, Any]]]:
    """Results by the experiments' keys, and {"experiment", "name", "error"} of each that failed.

    What may pass by itself, such as a lost connection, is raised: the step is then tried again.
    """
    done: dict[int, Result] = {}
    failed: list[dict[str, Any]] = []
    for experiment in experiments:
        try:
            done[experiment.pk] = work(experiment)
        except TRANSIENT:
            raise
        except Exception as error:
            logger.exception("The experiment %s failed.", experiment.pk)
            told = f"{type(error).__name__}: {error}".splitlines()[0]
            failed.append({"experiment": experiment.pk, "name": experiment.name, "error": told})
    return done, failed
