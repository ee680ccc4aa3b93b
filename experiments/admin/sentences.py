"""What was found, in the reader's language."""

from django.utils.translation import get_language

from experiments.models import Analysis

__all__ = ["sentence"]


def sentence(analysis: Analysis) -> str:
    """The verdict as it was stored, in the language of the page."""
    is_chinese = (get_language() or "").startswith("zh")
    return analysis.sentence_zh if is_chinese else analysis.sentence_en
