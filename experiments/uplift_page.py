"""The page of a study of uplift: a section for each arm and outcome, with its verdict, curves, tenths and groups.

The experiment's page in the admin and the page of a table from elsewhere show the same sections.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers import charts
from experiments.uplift.forward import RISK
from experiments.uplift.verdict import SIGNAL
from experiments.uplift_words import HEADINGS, amount, estimate, name_of, share, verdict

__all__ = ["Section", "html", "section"]

SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Section:
    """What is shown of a question."""

    title: str
    heading: str
    is_signal: bool
    sentence: str
    facts: list[str]
    orders: list[tuple[str, str, str]]
    charts: list[SafeString]


def section(question: Mapping[str, Any], *, title: str, draw: Callable[[str], SafeString] = mark_safe) -> Section:
    """A question's section; `draw` makes a chart's text fit for the page that it goes on."""
    has_figures = question["ranked"] is not None
    return Section(
        title=title,
        heading=str(HEADINGS[question["code"]]),
        is_signal=question["code"] == SIGNAL,
        sentence=verdict(question),
        facts=_facts(question) if has_figures else [],
        orders=_orders(question) if has_figures else [],
        charts=[draw(svg) for svg in _charts(question, title)] if has_figures else [],
    )


def html(*, title: str, lead: str, sections: Sequence[Section]) -> str:
    """A page of its own, in the language that is active, which needs nothing else."""
    context = {"title": title, "lead": lead, "sections": sections, "language": get_language() or "en"}
    return render_to_string("experiments/uplift.html", context)


def _facts(question: Mapping[str, Any]) -> list[str]:
    effect = (share if question["is_share"] else amount)(question["effect"])
    facts = [
        _("%(treated)d treated customers and %(control)d of the control group; %(judged)d of them were judged.")
        % {"treated": question["n_treated"], "control": question["n_control"], "judged": question["n_judged"]},
        (
            _("Average effect, in customers of 100: %(effect)s.")
            if question["is_share"]
            else _("Average effect, in the unit of the amount: %(effect)s.")
        )
        % {"effect": effect},
    ]
    return [*facts, _harm(question)]


def _harm(question: Mapping[str, Any]) -> str:
    found = question["harm"]
    if found is None:
        return _("No part of the customers is made worse with evidence: nobody is on a do-not-disturb list.")
    effect = (share if question["is_share"] else amount)(found["observed"])
    return _("Not to be disturbed: the last %(share)d %% of the order, whom treatment made worse (%(effect)s).") % {
        "share": round(100 * found["share"]),
        "effect": effect,
    }


def _orders(question: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (name_of(key), estimate(one["qini"]), estimate(one["above_risk"])) for key, one in question["ranked"].items()
    ]


def _charts(question: Mapping[str, Any], title: str) -> list[str]:
    return [
        _curve(question, title),
        _deciles(question, title),
        _importance(question),
        *_groups(question),
    ]


def _curve(question: Mapping[str, Any], title: str) -> str:
    grid, scale = question["grid"], _scale(question)
    model, risk = question["ranked"][question["learner"]], question["ranked"][RISK]
    lines = {
        _("the model"): (grid, _scaled(model["gain"], scale)),
        name_of(RISK): (grid, _scaled(risk["gain"], scale)),
        _("at random"): ([0.0, 1.0], [0.0, model["gain"][-1] * scale]),
    }
    band = (grid, _scaled(model["gain_low"], scale), _scaled(model["gain_high"], scale))
    return charts.line(
        lines,
        title=_("Gain by share treated: %(outcome)s") % {"outcome": title},
        x_label=_("share of the customers treated"),
        y_label=_unit(question),
        bands={_("the model"): band},
        from_zero=False,
    )


def _deciles(question: Mapping[str, Any], title: str) -> str:
    scale = _scale(question)
    observed = [one["observed"] for one in question["deciles"]]
    return charts.bars(
        [str(number) for number in range(1, 11)],
        {
            _("observed"): [one["value"] * scale for one in observed],
            _("predicted"): [one["predicted"] * scale for one in question["deciles"]],
        },
        title=_("Tenths by predicted effect: %(outcome)s") % {"outcome": title},
        x_label=_("tenth, the highest first"),
        y_label=_unit(question),
        horizontal=False,
        intervals=[(one["low"] * scale, one["high"] * scale) for one in observed],
    )


def _importance(question: Mapping[str, Any]) -> str:
    top = list(question["importance"].items())[:SHOWN]
    return charts.bars(
        [name for name, _share in top],
        [value for _name, value in top],
        title=_("What the model goes by"),
        y_label=_("share of its gain"),
        percent=True,
    )


def _groups(question: Mapping[str, Any]) -> list[str]:
    scale, drawn = _scale(question), []
    for feature, members in groupby(question["groups"], key=lambda one: one["feature"]):
        parts = list(members)
        observed = [one["observed"] for one in parts]
        drawn.append(
            charts.bars(
                [_part(one) for one in parts],
                {
                    _("observed"): [one["value"] * scale for one in observed],
                    _("predicted"): [one["predicted"] * scale for one in parts],
                },
                title=_("Who gains: %(feature)s") % {"feature": feature},
                y_label=_unit(question),
                intervals=[(one["low"] * scale, one["high"] * scale) for one in observed],
            )
        )
    return drawn


def _part(group: Mapping[str, Any]) -> str:
    if group["label"] is not None:
        return str(group["label"])
    low, high = (None if end is None else f"{end:,.6g}" for end in (group["low"], group["high"]))
    if low is None:
        return f"≤ {high}" if high is not None else _("all")
    return f"> {low}" if high is None else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _scale(question: Mapping[str, Any]) -> float:
    return 100 if question["is_share"] else 1


def _scaled(values: Sequence[float], scale: float) -> list[float]:
    return [value * scale for value in values]


def _unit(question: Mapping[str, Any]) -> str:
    return _("customers of 100") if question["is_share"] else _("amount a customer")
