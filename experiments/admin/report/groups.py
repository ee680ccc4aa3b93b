"""The effect on parts of the customers: those whom it reached, and groups."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from customers.joining import labelled
from experiments.admin.report import charts
from experiments.admin.report.notes import Notes
from experiments.admin.report.section import BY, Section, figure, level
from experiments.admin.report.words import of_hundred, p_value, percent, span, whole
from experiments.document import Document, Subgroup

__all__ = ["reached", "subgroups"]


def reached(document: Document, notes: Notes) -> Section:
    rows = []
    for one in document["compliers"]:
        effect = span(one["effect"], one["ci"], of_hundred)
        shares = [percent(one["treated_arm"]), percent(one["treated_control"])]
        rows.append(
            [
                one["arm"],
                notes.mark(_("those really treated"), "compliers"),
                *(figure(notes, share, "compliers", one) for share in shares),
                figure(notes, effect, "compliers", one),
                "–",
            ]
        )
    for ghost in document["ghosts"]:
        effect = span(ghost["difference"], ghost["difference_ci"], of_hundred)
        sizes = [f"{whole(side['n'])} ({percent(side['rate'])})" for side in (ghost["listed"], ghost["ghosts"])]
        rows.append(
            [
                ghost["arm"],
                notes.mark(_("those on the list, against ghosts"), "ghosts"),
                *(figure(notes, size, "ghosts", ghost) for size in sizes),
                figure(notes, effect, "ghosts", ghost),
                figure(notes, p_value(ghost["p_adjusted"]), "ghosts", ghost),
            ]
        )
    return Section(
        name="reached",
        title=_("Among those whom it reached"),
        lead=_(
            "The effect above is of being in the arm, reached or not. Here it is of those really treated, and of "
            "those on the list against control customers who would have been on it: ghosts, who got nothing."
        ),
        heads=[
            _("arm"),
            _("compared"),
            _("arm: treated, or listed"),
            _("control group"),
            _("kept of 100"),
            _("p, adjusted"),
        ],
        rows=rows,
    )


def subgroups(document: Document, notes: Notes) -> Section:
    rows = document["subgroups"]
    arms = dict.fromkeys(row["arm"] for row in rows)
    return Section(
        name="subgroups",
        title=_("By group"),
        lead=_("Exploratory: a difference between groups here is an idea for the next experiment, not a finding."),
        heads=[
            *(pgettext("of customers", "group"), _("arm"), _("control group"), _("arm's customers")),
            notes.mark(_("kept of 100"), "subgroups"),
            notes.mark(_("p, adjusted"), "subgroups"),
        ],
        rows=[_subgroup(row, notes) for row in rows],
        charts=[
            charts.subgroups(mine, [level(row) for row in mine], title=_("Kept by %(arm)s, by group") % {"arm": arm})
            for arm in arms
            if (mine := [row for row in rows if row["arm"] == arm])
        ],
    )


def _subgroup(row: Subgroup, notes: Notes) -> list[Any]:
    sides = (("n_control", "rate_control"), ("n_arm", "rate_arm"))
    texts = [f"{whole(row[n])} ({percent(row[rate])})" for n, rate in sides]  # type: ignore[literal-required]
    return [
        labelled(BY[row["by"]], level(row)),
        row["arm"],
        *(figure(notes, text, "subgroups", row) for text in texts),
        figure(notes, span(row["difference"], row["difference_ci"], of_hundred), "subgroups", row),
        figure(notes, p_value(row["p_adjusted"]), "subgroups", row),
    ]
