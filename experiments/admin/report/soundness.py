"""Whether the experiment can be trusted."""

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.joining import labelled
from experiments.admin.report import charts
from experiments.admin.report.notes import Notes
from experiments.admin.report.section import BY, Section, figure, level
from experiments.admin.report.words import amount, p_value, percent, whole
from experiments.document import Document

__all__ = ["balance", "contamination", "sample_ratio"]

COVARIATES = {
    **BY,
    "probability": gettext_lazy("probability"),
    "monthly_value": gettext_lazy("monthly value"),
    "purchases": gettext_lazy("purchases in the 20 days before"),
    "amount": gettext_lazy("amount in the 20 days before"),
    "active_days": gettext_lazy("active days in the 20 days before"),
}


def sample_ratio(document: Document, notes: Notes) -> Section:
    found = document["srm"]
    rows = []
    total = document["counts"]["enrolled"]
    for arm in document["counts"]["arms"]:
        shares = [percent(arm["enrolled"] / total if total else None), percent(arm["share"])]
        sizes = [notes.figure(whole(arm["enrolled"]), "count"), *(notes.figure(one, "sample_ratio") for one in shares)]
        rows.append([arm["arm"], *sizes])
    p = figure(notes, p_value(found["p_value"]), "sample_ratio", found)
    return Section(
        name="sample-ratio",
        title=_("Are the groups as large as drawn?"),
        lead=_("No: something other than the draw decided who is in which arm, and no effect may be read from them.")
        if found["flag"]
        else _("Yes, as far as chance allows."),
        heads=[_("arm"), _("enrolled"), _("share of all"), notes.mark(_("share as planned"), "sample_ratio")],
        rows=rows,
        after=[format_html("{}: {}", _("p of such sizes"), p)],
        is_warning=found["flag"],
    )


def balance(document: Document, notes: Notes) -> Section:
    found = document["balance"]
    names = [arm["arm"] for arm in document["counts"]["arms"]]
    rows = []
    for one in found["covariates"]:
        title = COVARIATES[one["name"]] if one["level"] is None else labelled(COVARIATES[one["name"]], level(one))
        write = amount if one["level"] is None and one["name"] != "probability" else percent
        means = [figure(notes, write(arm["mean"]), "balance", arm) for arm in one["arms"]]
        gaps = [figure(notes, _gap(arm["difference"]), "balance", arm) for arm in one["arms"][1:]]
        rows.append([title, *means, *gaps])
    n_compared = sum(len(one["arms"]) - 1 for one in found["covariates"])
    texts = {"n": found["flagged"], "of": n_compared, "limit": found["limit"]}
    return Section(
        name="balance",
        title=_("Were the groups alike?"),
        lead=_("%(n)s of %(of)s standardised differences at the draw lie beyond ±%(limit)s; a few of many are chance.")
        % texts,
        heads=[
            _("known at the draw"),
            *names,
            *(notes.mark(_("%(arm)s, difference") % {"arm": name}, "balance") for name in names[1:]),
        ],
        rows=rows,
    )


def _gap(difference: float | None) -> str:
    return "–" if difference is None else f"{difference:+.3f}"


def contamination(document: Document, notes: Notes) -> Section:
    found = document["contamination"]
    texts = {"n": whole(found["n"]), "of": whole(found["enrolled"]), "share": percent(found["share"])}
    told = (
        _("%(n)s of %(of)s control customers (%(share)s) were treated all the same. They stay in every figure.") % texts
    )
    none = _("No control customer was treated.")
    figures = [notes.figure(texts[key], "contamination") for key in ("n", "of", "share")] if found["n"] else []
    chart = charts.contamination(found)
    return Section(
        name="contamination",
        title=_("Did the control group get nothing?"),
        lead=told if found["n"] else none,
        heads=[_("arm"), notes.mark(_("control customers treated"), "contamination"), _("of"), _("share")],
        rows=[[_("control group"), *figures]] if found["n"] else [],
        charts=[chart] if chart else [],
        is_warning=bool(found["n"]),
    )
