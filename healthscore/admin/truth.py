"""Does the score tell the truth? Each version held against who left, or the plain word that there is too little."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers import charts
from customers.admin import background
from customers.admin.labels import drawn
from customers.clock import business_date
from customers.joining import listed
from customers.models import Customer, Job
from customers.models.runs import State
from customers.visibility import FIGURES_OF_ALL, is_limited, visible
from healthscore import fact_words, leaving, truth, truth_kept, words
from healthscore.admin import shown
from healthscore.truth import Bin, Truth

__all__ = ["figures", "under_way"]

MOST = 20


def figures(user: Any) -> dict[str, Any]:
    """A section for each version that scored anybody, the latest first; customers by name as far as the user sees.

    Of a large company it is what a job measured last, on `measured_on`, with the jobs that measure it now.
    """
    is_large = truth_kept.is_large()
    kept = truth_kept.latest() if is_large else truth_kept.Kept(*_now())
    return {
        "horizon": leaving.HORIZON_DAYS,
        "is_large": is_large,
        "measured_on": kept.today if kept and is_large else None,
        "may_ask": not is_limited(user),
        "jobs": background.shown(under_way()) if is_large else [],
        "versions": [_version(one, _named(one, user), is_limited(user)) for one in kept.versions] if kept else [],
    }


def under_way() -> list[Job]:
    """The jobs that measure it, and the last one where that failed."""
    return [job for job in background.latest([truth_kept.KIND])[:1] if job.state != State.DONE]


def _now() -> tuple[dt.date, tuple[Truth, ...]]:
    today = business_date()
    return today, tuple(truth.measure_all(today=today))


def _named(found: Truth, user: Any) -> list[dict[str, Any]]:
    """The surprises whose customers are there and the user may see, by name; of everybody only those that are shown."""
    rows = found.surprises if is_limited(user) else found.surprises[:MOST]
    seen = visible(Customer.objects.filter(pk__in=[one["customer_pk"] for one in rows]), user, "pk")
    names = dict(seen.values_list("pk", "customer_id"))
    return [one | {"customer_id": names[one["customer_pk"]]} for one in rows if one["customer_pk"] in names]


def _version(found: Truth, surprises: list[dict[str, Any]], is_part: bool) -> dict[str, Any]:
    """Of a part of the customers only who left in good health: the figures are of all."""
    return {
        "version": found.version,
        "url": reverse("admin:healthscore_configurationversion_change", args=[found.version.pk]),
        "surprises": [_surprise(one) for one in surprises[:MOST]],
        "n_surprises": len(surprises) if is_part else found.n_surprises,
        **({"reason": FIGURES_OF_ALL} if is_part else _figures(found)),
    }


def _figures(found: Truth) -> dict[str, Any]:
    return {
        "lead": _lead(found),
        "reason": _("Nothing can be held against the score yet: no scored day is old enough.")
        if not found.dates
        else found.reason,
        "dates": listed(date_format(day) for day in found.dates),
        "grades": [_row(one, words.grade(one.name)) for one in found.grades],
        "dimensions": _dimensions(found),
        "chart": _chart(found),
    }


def _lead(found: Truth) -> str:
    if found.auc is None:
        return ""
    told = {"auc": f"{found.auc:.3f}", "n": found.n, "n_left": found.n_left}
    return (
        _(
            "AUC %(auc)s: the chance that a customer who left had a lower score than one who stayed; 0.5 is guessing, "
            "1 is always right. Of %(n)s scores %(n_left)s were followed by leaving."
        )
        % told
    )


def _row(one: Bin, title: str) -> dict[str, Any]:
    low, high = one.interval
    interval = _("%(low)s to %(high)s") % {"low": f"{low:.0%}", "high": f"{high:.0%}"}
    return {"title": title, "n": one.n, "n_left": one.n_left, "share": f"{one.share:.0%}", "interval": interval}


def _dimensions(found: Truth) -> list[dict[str, str]]:
    """Each dimension alone, the most telling first; none where nothing can be told."""
    if found.auc is None:
        return []
    known = sorted(found.by_dimension.items(), key=lambda pair: -(pair[1] or 0))
    return [
        {"title": fact_words.dimension(name), "auc": _("too few") if auc is None else f"{auc:.3f}"}
        for name, auc in known
    ]


def _chart(found: Truth) -> str:
    """How many left in each range of scores, with intervals; a score that tells the truth falls from left to right."""
    if found.auc is None:
        return ""
    svg = charts.bars(
        [one.name for one in found.bins],
        [one.share for one in found.bins],
        intervals=[one.interval for one in found.bins],
        title=_("Share that left, by score (%(version)s)") % {"version": found.version},
        x_label=_("score"),
        y_label=_("left"),
        horizontal=False,
        percent=True,
    )
    return drawn(svg)


def _surprise(row: dict[str, Any]) -> dict[str, Any]:
    left_on: dt.date = row["left_on"]
    return {
        "pk": row["customer_pk"],
        "customer": row["customer_id"],
        "as_of": row["as_of"],
        "left_on": left_on,
        "score": shown.score(row["score"]),
        "grade": shown.grade(row["grade"]),
        "looked_best": listed(fact_words.dimension(name) for name in row["looked_best"]),
    }
