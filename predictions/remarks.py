"""The sentences of what is stored as a code with its figures, in the language of whoever reads them.

A line each: the code, and the sentence with the figures' names. Rows of before the codes hold sentences, which stay.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_noop as _

from customers.sentences import gettext
from predictions.modelling.remarks import Remark

__all__ = ["SENTENCES", "said", "said_all"]

SENTENCES: dict[str, str] = {
    # Of a model
    "leak": _("Possible leak: %(feature)s alone has a ROC AUC of %(auc).3f."),
    "few_rows": _(
        "A model needs at least %(least)d churned and %(least)d retained rows with closed labels; there are "
        "%(n_churned)d churned and %(n_retained)d retained."
    ),
    "few_in_train": _("The training weeks hold %(n_churned)d churned and %(n_retained)d retained rows: too few."),
    "few_in_calibration": _(
        "The calibration weeks hold %(n_churned)d churned and %(n_retained)d retained rows: too few."
    ),
    "few_in_test": _("The test weeks hold %(n_churned)d churned and %(n_retained)d retained rows: too few."),
    # Of the promotion rule
    "leaks": _("A feature alone tells the outcome, which may be a leak: %(features)s."),
    "no_champion": _("There was no champion."),
    "calibration": _("Its calibration error of %(ece).3f is above %(limit).2f."),
    "only_a_rule": _("The champion was only a rule."),
    "other_features": _("The champion cannot score these features."),
    "better": _(
        "Its log loss on the same rows differs by %(difference)+.4f (%(low)+.4f to %(high)+.4f) from the champion's."
    ),
    "not_surely_better": _(
        "It is not surely better than the champion: its log loss differs by %(difference)+.4f "
        "(%(low)+.4f to %(high)+.4f)."
    ),
    # Of a day's predictions
    "auc_below": _("ROC AUC %(auc).3f is below what the test weeks promised (%(promised).3f)."),
    "ece_above": _("The calibration error %(ece).3f is above %(limit).2f."),
    "no_rows": _("There are no rows."),
    "one_class": _("All of them left or all of them stayed: nothing to tell apart."),
    # Of a feature
    "constant": _("never changes"),
    "same_as": _("says the same as %(feature)s"),
    "unused": _("not used by the model"),
    # Of a model's files
    "unsigned": _("The manifest of the model in %(folder)s is not the one that was signed."),
    "changed": _("The file %(name)s of the model in %(folder)s has changed since it was signed."),
    "unreadable": _("The model file %(path)s cannot be read."),
    "refused": _("The model %(model)s was refused: %(error)s"),
}


def said(stored: Remark | str | None) -> str:
    """The sentence of a remark, itself to be kept; one stored as such is said as it stands, and nothing of nothing."""
    if not isinstance(stored, dict):
        return stored or ""
    if stored.get("code") not in SENTENCES:
        return str(stored.get("code", ""))
    figures = {name: said(figure) if isinstance(figure, dict) else figure for name, figure in stored.items()}
    return gettext(SENTENCES[stored["code"]]) % figures


def said_all(stored: Iterable[Remark | str]) -> list[str]:
    """The sentences of several remarks."""
    return [said(one) for one in stored]
