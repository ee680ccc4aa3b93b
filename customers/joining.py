"""Words put together as the reader's language does it: Chinese has marks of its own for “, ”, “; ” and “: ”."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

__all__ = ["labelled", "listed", "phrases", "running"]


def listed(words: Iterable[object]) -> str:
    """Words in a row."""
    return _(", ").join(map(str, words))


def phrases(parts: Iterable[object]) -> str:
    """Phrases in a row, each of which may have commas of its own."""
    return _("; ").join(map(str, parts))


def labelled(label: object, what: object) -> str:
    """What it is about, and what it says."""
    return _("%(label)s: %(what)s") % {"label": label, "what": what}


def running(sentences: Iterable[object]) -> str:
    """Sentences one after another; between Chinese ones there is no space."""
    first, *others = [str(one) for one in sentences if one] or [""]
    for other in others:
        first = _("%(first)s %(second)s") % {"first": first, "second": other}
    return first
