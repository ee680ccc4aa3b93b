"""The facts behind a part in words: what it was made of then and now.

A line a part: the sentence and the fact it counts. Where the part's own value stands still, its share of the score
moved because another part or dimension gained or lost data, and the sentence says that.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from healthscore import words
from healthscore.dimensions.catalogue import BY_NAME

if TYPE_CHECKING:
    from healthscore.explanations import Added

__all__ = ["LEAST", "dimension", "facts", "now", "part"]

LEAST = 5e-5
Facts = Mapping[str, Any]
Say = Callable[[Facts, Facts], str]


def dimension(name: str) -> str:
    """A dimension's name."""
    return gettext(BY_NAME[name].title)


def part(dimension: str, name: str) -> str:
    """A part's name."""
    return next(gettext(one.title) for one in BY_NAME[dimension].parts if one.name == name)


def facts(added: "Added") -> str:
    """What changed in a part, then and now."""
    name = part(added.dimension, added.part)
    if added.value_before is None and added.value_after is None:
        return gettext("%(part)s has no data") % {"part": name}
    if added.value_before is None:
        return gettext("%(part)s has data now: %(now)s") % {"part": name, "now": _said(added, added.facts_after)}
    if added.value_after is None:
        return gettext("%(part)s has no data any more") % {"part": name}
    if abs(added.value_after - added.value_before) < LEAST:
        return gettext("%(part)s is as before and weighs differently, as other data came or went") % {"part": name}
    now, then = _said(added, added.facts_after), _said(added, added.facts_before)
    if now == then:
        return gettext("%(part)s: %(now)s") % {"part": name, "now": now}
    return gettext("%(now)s (before: %(then)s)") % {"now": now, "then": then}


def now(added: "Added") -> str:
    """What a part is made of at the later date; empty without data."""
    return "" if added.value_after is None else _said(added, added.facts_after)


def _said(added: "Added", found: Facts) -> str:
    return str(_SAYINGS[f"{added.dimension}.{added.part}"](found, added.numbers))


def _late(found: Facts, numbers: Facts) -> str:
    """The tickets past their limit; with the limit in hours where all are of one priority."""
    late = list(found.get("late") or [])
    n, kinds = len(late), sorted(set(late))
    if len(kinds) != 1:
        return ngettext("%(n)s ticket past its limit", "%(n)s tickets past their limits", n) % {"n": n}
    hours = words.number(numbers["limits_hours"][kinds[0]])
    return ngettext("%(n)s %(kind)s ticket past %(hours)s hours", "%(n)s %(kind)s tickets past %(hours)s hours", n) % {
        "n": n,
        "kind": words.priority(kinds[0]),
        "hours": hours,
    }


def _figure(text: Any, column: str, places: int = 2) -> Say:
    def say(found: Facts, _numbers: Facts) -> str:
        return str(text) % {"n": words.number(found.get(column), places)}

    return say


def _status(found: Facts, _numbers: Facts) -> str:
    return gettext("bills are %(status)s") % {"status": words.payment_status(found.get("payment_status") or "")}


def _renewals(found: Facts, _numbers: Facts) -> str:
    made, due = (words.number(found.get(name)) for name in ("n_renewed", "n_due"))
    return gettext("renewals made: %(made)s of %(due)s due") % {"made": made, "due": due}


def _onboarding(found: Facts, _numbers: Facts) -> str:
    return (
        gettext("the onboarding is completed")
        if found.get("onboarding_completed")
        else gettext("the onboarding is not completed")
    )


def _left(found: Facts, _numbers: Facts) -> str:
    left = max(0.0, float(found.get("contract_months") or 0) - float(found.get("months_since") or 0))
    return gettext("months left of the contract: %(n)s") % {"n": words.number(left, 1)}


def _growth(found: Facts, _numbers: Facts) -> str:
    now, then = (words.number(found.get(name), 2) for name in ("mrr", "mrr_before"))
    return gettext("MRR %(now)s, %(then)s some time before") % {"now": now, "then": then}


def _tier(text: Any, tier: str) -> Say:
    def say(found: Facts, numbers: Facts) -> str:
        used, known = words.number(found.get(f"n_{tier}")), len(set(numbers["tiers"][tier]))
        return str(text) % {"n": used, "of": known}

    return say


_RATING = _figure(_("mean rating of tickets: %(n)s"), "satisfaction_mean")
_SAYINGS: dict[str, Say] = {
    "usage.login_frequency": _figure(_("days with a login: %(n)s"), "login_days"),
    "usage.depth": _figure(_("mean depth of use: %(n)s"), "depth_mean"),
    "payment.status": _status,
    "payment.renewals": _renewals,
    "support.volume": _figure(_("tickets: %(n)s"), "n_tickets"),
    "support.resolution": _late,
    "support.satisfaction": _RATING,
    "engagement.sessions": _figure(_("sessions: %(n)s"), "n_sessions"),
    "engagement.time": _figure(_("minutes: %(n)s"), "minutes", 0),
    "engagement.onboarding": _onboarding,
    "adoption.core": _tier(_("core features used: %(n)s of %(of)s"), "core"),
    "adoption.advanced": _tier(_("advanced features used: %(n)s of %(of)s"), "advanced"),
    "adoption.integration": _tier(_("integrations used: %(n)s of %(of)s"), "integration"),
    "satisfaction.nps": _figure(_("NPS: %(n)s"), "nps_score"),
    "satisfaction.tickets": _RATING,
    "lifecycle.contract_left": _left,
    "lifecycle.maturity": _figure(_("months since the contract began: %(n)s"), "months_since", 1),
    "value.mrr": _figure(_("MRR: %(n)s"), "mrr"),
    "value.growth": _growth,
}
