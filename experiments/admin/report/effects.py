"""What the measure did: how many left, the effect, its course, and its worth."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from experiments.admin.report import charts
from experiments.admin.report.notes import Notes
from experiments.admin.report.section import Section, figure
from experiments.admin.report.words import amount, of_hundred, p_value, percent, span, whole
from experiments.document import Comparison, Document

__all__ = ["effects", "money", "over_time", "rates"]


def rates(document: Document, notes: Notes) -> Section:
    counts = {one["arm"]: one for one in document["counts"]["arms"]}
    rows = []
    for arm in document["churn"]["arms"]:
        count = counts[arm["name"]]
        sizes = [notes.figure(whole(count[key]), "count") for key in ("enrolled", "known")]
        rate = span(arm["rate"], arm["rate_ci"], percent)
        rows.append(
            [arm["name"], *sizes, notes.figure(whole(arm["events"]), "count"), figure(notes, rate, "wilson", arm)]
        )
    return Section(
        name="rates",
        title=_("How many left"),
        lead=_("Customers whose observation days are over, in the arm that they were drawn into."),
        heads=[
            *(_("arm"), notes.mark(_("enrolled"), "count"), _("outcome known"), _("left")),
            notes.mark(_("share that left"), "wilson"),
        ],
        rows=rows,
        charts=[charts.rates(document)],
    )


def effects(document: Document, notes: Notes) -> Section:
    comparisons = document["churn"]["comparisons"]
    return Section(
        name="effects",
        title=_("What the measure did"),
        lead=_("Of 100 customers so many more stayed than in the control group; below 0, fewer stayed."),
        heads=[
            _("arm"),
            notes.mark(_("kept of 100"), "difference"),
            notes.mark(_("churn lowered by"), "relative"),
            notes.mark(_("p"), comparisons[0]["test"] or "z"),
            notes.mark(_("p, adjusted"), "holm"),
            notes.mark(_("kept of 100, always valid"), "sequential"),
            notes.mark(_("p, always valid"), "sequential"),
            notes.mark(_("treat for one more"), "needed"),
            notes.mark(_("chance that it is better"), "bayes"),
            notes.mark(_("loss if it is not, of 100"), "bayes"),
        ],
        rows=[_effect(one, notes) for one in comparisons],
        charts=[charts.effects(comparisons)],
        after=[_trust(document)],
    )


def _effect(one: Comparison, notes: Notes) -> list[Any]:
    late, bayes = one["sequential"], one["bayes"]
    nnt = one["number_needed_to_treat"]
    test = one["test"] or "z"
    return [
        one["arm"],
        figure(notes, span(one["difference"], one["difference_ci"], of_hundred), "difference", one),
        figure(notes, span(one["relative"], one["relative_ci"], percent), "relative", one),
        figure(notes, p_value(one["p_value"]), test, one),
        figure(notes, p_value(one["p_adjusted"]), "holm", one),
        figure(notes, span(one["difference"], late["ci"], of_hundred) if late["ci"] else "–", "sequential", late),
        figure(notes, p_value(late["p_value"]), "sequential", late),
        figure(notes, whole(nnt) if nnt is None or nnt > 0 else _("it harms"), "needed", one),
        figure(notes, percent(bayes["probability_better"]), "bayes", bayes),
        figure(notes, of_hundred(bayes["expected_loss"], digits=2), "bayes", bayes),
    ]


def _trust(document: Document) -> str:
    if document["trust"] == "fixed":
        return _(
            "Which figure to trust: the experiment has ended and every outcome is known, which is the one look that "
            "was planned, so the fixed p and interval hold."
        )
    return _(
        "Which figure to trust: outcomes are still awaited. Whoever looks now and might act on it takes the "
        "always-valid p and interval; the others hold at the planned end only, and mislead whoever looks every day."
    )


def over_time(document: Document) -> Section:
    drawings = [charts.over_time(course) for course in document["over_time"]]
    return Section(
        name="over-time",
        title=_("The effect over time"),
        lead=_("The band is always valid: once it leaves 0, it may be believed on that day. The thin lines are not.")
        if any(drawings)
        else _("A curve needs outcomes of a few days."),
        charts=[one for one in drawings if one],
    )


def money(document: Document, notes: Notes) -> Section:
    basis = {
        "recorded": _("as recorded with the measures"),
        "treated": _("cost of one × those treated"),
        "listed": _("cost of one × those listed"),
        "assigned": _("cost of one × everybody in the arm"),
    }
    rows = [
        [
            one["arm"],
            figure(notes, span(one["kept"], one["kept_ci"], whole), "money", one),
            figure(notes, amount(one["value_of_one"]), "money", one),
            figure(notes, span(one["value"], one["value_ci"], amount), "money", one),
            figure(notes, f"{amount(one['cost'])} {basis[one['cost_basis']]}", "money", one),
            figure(notes, span(one["net"], one["net_ci"], amount), "money", one),
            figure(notes, span(one["return_on_cost"], one["return_on_cost_ci"], percent), "money", one),
        ]
        for one in document["money"]
    ]
    heads = (
        _("customers kept"),
        _("value of one"),
        pgettext("money", "value"),
        _("cost"),
        _("net"),
        _("return on cost"),
    )
    return Section(
        name="money",
        title=_("What it was worth"),
        lead=_(
            "For the customers with a known outcome. The value of a kept customer is one month's worth or your number."
        ),
        heads=[_("arm"), *(notes.mark(head, "money") for head in heads)],
        rows=rows,
    )
