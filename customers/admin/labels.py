"""A coloured word for a state; the word alone says it too, so that nobody has to see the colour."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


def label(value: str, text: object, variants: Mapping[str, str]) -> SafeString:
    """`text` in the colour that `variants` has for `value`; the same in lists and on pages."""
    context = {"text": text, "variant": variants.get(value, "")}
    return mark_safe(render_to_string("unfold/helpers/label.html", context).strip())  # noqa: S308 - a template escapes


def drawn(svg: str) -> SafeString:
    """A chart for a page; its class goes, for the admin's scripts take every `.chart` for a canvas of theirs."""
    return mark_safe(svg.replace('class="chart"', 'class="drawing"', 1))  # noqa: S308 - drawn by us, texts escaped
