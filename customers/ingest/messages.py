"""Why a row is set aside: one sentence for each reason, kept by its code and said in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from customers.shipped import told

Reason = dict[str, Any]

SENTENCES: Mapping[str, str] = {
    "missing": _("is missing"),
    "too_long": _("is longer than %(most)s characters"),
    "control": _("has a control character"),
    "choice": _("is none of %(choices)s"),
    "not_date": _("is not a date such as 2017-09-30"),
    "not_time": _("is not a time such as 2017-09-30T18:05:00+08:00"),
    "too_early": _("is before the year 1900"),
    "future": _("is more than a day in the future"),
    "not_amount": _("is not a number such as 12.50"),
    "too_precise": _("has more than 2 decimal places"),
    "not_positive": _("is not above 0"),
    "too_large": _("is above %(most)s"),
    "too_small": _("is below %(least)s"),
    "not_integer": _("is not a whole number"),
    "not_number": _("is not a number such as 0.5"),
    "day_before": _("is on a day before %(earlier)s"),
    "not_flag": _("is neither true nor false"),
    "ragged": _("the row has %(cells)s cells, the header %(columns)s"),
    "repeated": _("is the ID of a later row as well, which counts"),
    "unknown_customer": _(
        "names %(customer)s, a customer who is not known yet; the row goes in when that customer comes"
    ),
    "unknown_deal": _("names the deal %(deal)s, which is not known yet; the row goes in when that deal comes"),
    "erased": _("names a customer whose data were erased on request"),
    "not_enrolled": _("names %(customer)s, a customer who is not in the experiment"),
    "filtered": _("%(reason)s"),
}
# A row with one of these stays set aside until it is mended: its text alone does not show what is wrong.
STICKY = frozenset({"ragged", "repeated", "filtered", "erased"})


def reason(code: str, column: str = "", **params: Any) -> Reason:
    """A reason as it is stored."""
    return {"column": column, "code": code, "params": params, "message": SENTENCES[code] % params}


def translated(stored: Reason) -> str:
    """A stored reason in the active language; its column goes in front."""
    params = {name: told(one) if isinstance(one, str) else one for name, one in stored["params"].items()}
    return str(gettext(SENTENCES[stored["code"]]) % params)


def say(stored: Reason) -> str:
    """A stored reason in the active language, with its column in front."""
    return f"{stored['column']} {translated(stored)}".strip()
