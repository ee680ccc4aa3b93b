"""What to do next, in plain words, by verdict and state."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from customers.joining import listed
from experiments.admin.report.words import day, percent, whole
from experiments.document import Comparison, Document
from experiments.models import Experiment
from experiments.models.configuration import Metric

__all__ = ["advice"]

State = Experiment.State
MUCH_CONTAMINATION = 0.05


def advice(document: Document) -> list[str]:
    """The most important first."""
    return [*_main(document), *_guardrails(document), *_contamination(document), *_closing(document)]


def _main(document: Document) -> Iterator[str]:
    is_over = document["experiment"]["state"] != State.RUNNING
    if document["verdict"]["code"] == "sample_ratio":
        yield _(
            "Do not decide by this experiment. Find what changed the groups after the draw: customers deleted or "
            "merged, an import that lost rows, a list that took some of them out. Mend it, then duplicate the "
            "experiment."
        )
    elif not document["counts"]["known"]:
        yield _waiting(document)
    elif document["verdict"]["code"] == "effective":
        yield from _effective(document, is_over=is_over)
    elif document["verdict"]["code"] == "harmful":
        yield from _harmful(document, is_over=is_over)
    else:
        yield from _inconclusive(document, is_over=is_over)


def _waiting(document: Document) -> str:
    counts = document["counts"]
    if not counts["enrolled"]:
        return _(
            "Nobody is enrolled yet. Customers come in after each day's scoring; see the plan for how many to expect."
        )
    return _(
        "Wait. The first outcomes are known on %(first)s, those of everybody enrolled so far on %(last)s. Until then "
        "treat whom the list names, and nobody of the control group."
    ) % {"first": day(counts["first_ripe_on"]), "last": day(counts["last_ripe_on"])}


def _effective(document: Document, *, is_over: bool) -> Iterator[str]:
    arms = {
        "arms": _names(one for one in _compared(document) if (one["difference"] or 0) > 0 and _is_found(document, one))
    }
    if document["trust"] == "fixed":
        yield _("It works. Give the measure to everybody eligible: %(arms)s.") % arms
        yield _(
            "Keep a small control group in a new experiment all the same: effects wear off, and without one nobody "
            "sees it."
        )
    elif _surely(document, is_good=True):
        yield _("The always-valid interval lies above 0: it is safe to believe it now, on whatever day you look.")
        yield _("Go on to know its size better, or complete the experiment to give the measure to everybody.")
    elif is_over:
        yield _("Nobody is enrolled any more; wait until every outcome is known before you decide.")
    else:
        yield _(
            "Promising, but not to be acted on yet: the figure that says so holds at the planned end only. Let it "
            "run; today's good figure is what many experiments without effect show on some day."
        )
    yield from _worth(document)


def _worth(document: Document) -> Iterator[str]:
    for one in document["money"]:
        if one["net_ci"] and one["net_ci"][1] < 0:
            yield (
                _("%(arm)s costs more than the customers it keeps are worth: make it cheaper, or give it to fewer.")
                % one
            )
        elif one["net_ci"] and one["net_ci"][0] <= 0:
            yield _("Whether %(arm)s pays is not settled: the interval of its net worth holds 0.") % one


def _harmful(document: Document, *, is_over: bool) -> Iterator[str]:
    if is_over:
        yield _(
            "Do not use this measure: more customers left with it than without. Try another one in a new experiment."
        )
    elif _surely(document, is_good=False):
        yield _(
            "Stop it: the always-valid interval lies below 0, so more customers leave with the measure than without."
        )
    else:
        yield _(
            "More customers leave with the measure. Harm need not be proved: stop it if you would not bear it for "
            "longer."
        )


def _inconclusive(document: Document, *, is_over: bool) -> Iterator[str]:
    smallest = document["experiment"]["smallest_effect"]
    best = [one["difference_ci"][1] for one in _compared(document) if one["difference_ci"]]
    if not is_over:
        yield _("Let it run until %(day)s. That nothing is to be seen yet says nothing about the measure.") % {
            "day": day(document["experiment"]["ends_on"])
        }
    elif document["trust"] != "fixed":
        yield _("Nobody is enrolled any more; wait until every outcome is known.")
    elif best and max(best) < smallest:
        yield _(
            "An effect of %(effect)s, the smallest worth seeing, is ruled out: the measure is not worth its effort "
            "here. Try another one."
        ) % {"effect": percent(smallest)}
    else:
        yield _(
            "The experiment was too small to tell. Duplicate it with more customers, a larger control group or more "
            "time, as its plan says; or leave the measure."
        )


def _guardrails(document: Document) -> Iterator[str]:
    for result in document["guardrails"]:
        for one in result["comparisons"]:
            if one["is_worse"]:
                texts = {"metric": Metric(result["metric"]).label, "arm": one["arm"]}
                yield (
                    _("A guardrail got worse with %(arm)s: %(metric)s. Look into it before the measure goes on.")
                    % texts
                )


def _contamination(document: Document) -> Iterator[str]:
    share = document["contamination"]["share"] or 0.0
    if share >= MUCH_CONTAMINATION:
        yield _(
            "%(share)s of the control group were treated all the same, which hides a part of the effect. Find the way "
            "by which the measure reached them."
        ) % {"share": percent(share)}


def _closing(document: Document) -> Iterator[str]:
    if document["is_final"]:
        yield _("This result is final: late events change nothing any more.")
    elif document["trust"] == "fixed":
        yield _(
            "Late events may still correct outcomes. The result becomes final 14 days after the last one, or by "
            "“Finalise”."
        )
    elif document["counts"]["known"] and document["counts"]["waiting"]:
        counts = document["counts"]
        texts = {
            "n": whole(counts["waiting"]),
            "next": day(counts["next_ripe_on"]),
            "last": day(counts["last_ripe_on"]),
        }
        yield _("%(n)s outcomes are awaited: the next on %(next)s, the last on %(last)s.") % texts


def _compared(document: Document) -> list[Comparison]:
    return document["churn"]["comparisons"]


def _is_found(document: Document, one: Comparison) -> bool:
    p = one["p_adjusted"]
    return p is not None and p < document["experiment"]["significance"]


def _surely(document: Document, *, is_good: bool) -> bool:
    """Whether an always-valid interval lies wholly on that side of 0."""
    ends = [one["sequential"]["ci"] for one in _compared(document) if one["sequential"]["ci"]]
    return any(low > 0 if is_good else high < 0 for low, high in ends)


def _names(comparisons: Iterable[Comparison]) -> str:
    return listed(one["arm"] for one in comparisons)
