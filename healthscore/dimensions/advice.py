"""What to do next: the grade's own action, then a line for each of the two weakest dimensions."""

from collections.abc import Mapping

from healthscore.dimensions.catalogue import NAMES
from healthscore.dimensions.core import gettext_noop as _

__all__ = ["ACTIONS", "RISK_OF_GRADE", "WEAKEST", "weakest"]

WEAKEST = 2
RISK_OF_GRADE = {"excellent": "low", "good": "medium", "at_risk": "high", "critical": "critical"}
ACTIONS = {
    "excellent": _("Expand: offer what fits beside it, and ask for a case study."),
    "good": _("Keep stable: check in regularly and confirm the value."),
    "at_risk": _("Act: intervene now with an improvement plan."),
    "critical": _("Save: call an urgent meeting and win the customer back."),
}


def weakest(*, scores: Mapping[str, float | None], weights: Mapping[str, float]) -> list[str]:
    """The dimensions with data and the largest weight · (1 − score), at most two; ties in the order of the table."""
    known = [name for name in NAMES if scores.get(name) is not None]
    loss = {name: weights[name] * (1 - float(scores[name] or 0.0)) for name in known}
    return sorted(known, key=lambda name: -round(loss[name], 12))[:WEAKEST]
