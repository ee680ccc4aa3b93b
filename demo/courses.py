"""How accounts of the sample company go: well, better and better, worse and worse, or badly."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Course:
    """How an account goes. Levels are shares of full use, hours are multiples of a ticket's time limit."""

    level: tuple[float, float]
    silent_days: int
    depth: tuple[float, float]
    n_features: int
    n_tickets: int
    priorities: tuple[str, ...]
    hours: tuple[float, float]
    satisfaction: tuple[int, int]
    payment: tuple[str, ...]
    nps: tuple[int, int]
    mrr: tuple[float, float]
    is_renewed: bool
    addition: float


COURSES = {
    "healthy": Course(
        level=(0.85, 0.95),
        silent_days=0,
        depth=(0.5, 0.9),
        n_features=10,
        n_tickets=5,
        priorities=("low", "medium", "high"),
        hours=(0.2, 1.1),
        satisfaction=(3, 5),
        payment=("current",),
        nps=(20, 80),
        mrr=(0.6, 1.0),
        is_renewed=True,
        addition=0.15,
    ),
    "growing": Course(
        level=(0.2, 0.85),
        silent_days=0,
        depth=(0.4, 0.75),
        n_features=7,
        n_tickets=6,
        priorities=("low", "medium", "high"),
        hours=(0.4, 1.4),
        satisfaction=(3, 4),
        payment=("current",),
        nps=(-10, 50),
        mrr=(0.3, 0.5),
        is_renewed=True,
        addition=0.6,
    ),
    "fading": Course(
        level=(1.0, 0.35),
        silent_days=0,
        depth=(0.3, 0.7),
        n_features=8,
        n_tickets=7,
        priorities=("medium", "high", "urgent"),
        hours=(0.5, 1.5),
        satisfaction=(2, 4),
        payment=("current", "late"),
        nps=(-20, 50),
        mrr=(0.6, 0.9),
        is_renewed=False,
        addition=0.3,
    ),
    "critical": Course(
        level=(0.6, 0.05),
        silent_days=18,
        depth=(0.05, 0.35),
        n_features=3,
        n_tickets=9,
        priorities=("high", "urgent"),
        hours=(1.1, 4.0),
        satisfaction=(1, 3),
        payment=("overdue",),
        nps=(-80, -20),
        mrr=(0.2, 0.4),
        is_renewed=False,
        addition=0.2,
    ),
}
