"""Why a figure of an experiment's report cannot be had, in the reader's language."""

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from experiments.stats.reasons import ZH

__all__ = ["NOBODY", "NO_GHOSTS", "NO_ROWS", "NO_VALUES", "in_words"]

NOBODY = _("nobody is enrolled yet")
NO_GHOSTS = _("nobody of the arm, or no control customer in its stead, has had a turn on the treatment list")
NO_ROWS = _("no customer of the arm has this figure")
NO_VALUES = _("the monthly value of no customer of the arm is known")

_CHINESE = {str(reason): text for reason, text in ZH.items()}


def in_words(reason: str | None) -> str:
    """A `reason` as a document carries it, in English, several joined by semicolons; empty where there is none."""
    is_chinese = (get_language() or "").startswith("zh")
    parts = [_told(part, is_chinese=is_chinese) for part in (reason or "").split("; ") if part]
    return ("；" if is_chinese else "; ").join(parts)


def _told(part: str, *, is_chinese: bool) -> str:
    return _CHINESE[part] if is_chinese and part in _CHINESE else gettext(part)
