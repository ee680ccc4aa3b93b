"""What a study of uplift says, in the reader's language: a sentence a verdict, from the code and the figures kept."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.uplift.document import Question
from experiments.uplift.forward import RISK
from experiments.uplift.verdict import NO_SIGNAL, RISK_DOES, SIGNAL, TOO_FEW

__all__ = ["HEADINGS", "amount", "estimate", "name_of", "share", "told", "verdict"]

HEADINGS = {
    SIGNAL: gettext_lazy("Signal"),
    RISK_DOES: gettext_lazy("Risk does as well"),
    NO_SIGNAL: gettext_lazy("No signal"),
    TOO_FEW: gettext_lazy("Too few customers"),
}
NAMES = {
    "t_learner": gettext_lazy("a model for each group"),
    "transformed_outcome": gettext_lazy("a model of the transformed outcome"),
    RISK: gettext_lazy("treating by risk"),
}


def name_of(order: str) -> str:
    """What an order of customers is called."""
    return str(NAMES[order])


def verdict(question: Mapping[str, Any]) -> str:
    """The plain word on a question, with its figures."""
    figures = {name: f"{value:.3f}" for name, value in question["figures"].items()}
    if question["code"] == TOO_FEW:
        return _too_few(question["figures"])
    figures["level"] = f"{question['level']:.1%}"
    return {SIGNAL: _signal, RISK_DOES: _risk_does, NO_SIGNAL: _no_signal}[question["code"]]() % figures


def _signal() -> str:
    return _(
        "Whom it helps can be told beforehand: treating in the model's order gains more than treating at random, and "
        "more than treating by risk. Qini coefficient %(qini)s (%(level)s interval %(qini_low)s to %(qini_high)s)."
    )


def _risk_does() -> str:
    return _(
        "Whom it helps can be told beforehand, but the model is not surely better than treating those at highest risk "
        "first; so treat by risk. Qini coefficient %(qini)s (%(level)s interval %(qini_low)s to %(qini_high)s)."
    )


def _no_signal() -> str:
    return _(
        "From these customers it cannot be told whom the measure helps more than others. Decide for all of them alike, "
        "or by risk. Qini coefficient %(qini)s (%(level)s interval %(qini_low)s to %(qini_high)s)."
    )


def _too_few(figures: Mapping[str, float]) -> str:
    numbers = {name: int(value) for name, value in figures.items()}
    if "n_rarest" in numbers:
        return _(
            "There is too little to learn from: in one group only %(n_rarest)d customers have the rarer outcome, and "
            "%(least)d are needed."
        ) % (numbers)
    return _(
        "There is too little to learn from: the smallest fifth of a group has %(n_in_fold)d customers, and %(least)d "
        "are needed."
    ) % (numbers)


def estimate(found: Mapping[str, float] | None) -> str:
    """A coefficient with its interval; a dash where there is none."""
    return "–" if found is None else _between({name: f"{value:.3f}" for name, value in found.items()})


def share(found: Mapping[str, float]) -> str:
    """An effect in customers of a hundred."""
    return _between({name: f"{100 * value:+.1f}" for name, value in found.items()})


def amount(found: Mapping[str, float]) -> str:
    """An effect in an amount a customer."""
    return _between({name: f"{value:+.2f}" for name, value in found.items()})


def told(question: Question) -> dict[str, Any]:
    """A question as JSON carries it, with the verdict's sentence."""
    document = question.document()
    return {**document, "sentence": verdict(document)}


def _between(texts: Mapping[str, str]) -> str:
    return _("%(value)s (%(low)s to %(high)s)") % dict(texts)
