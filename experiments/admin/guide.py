"""The guides of experiments as pages, from docs/, so that a report can lead to them without another site."""

import re
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["guide_page"]

GUIDES = ("experiments", "experiment-statistics")


def guide_page(page: ModelAdmin, request: HttpRequest, name: str) -> HttpResponse:
    """One of the guides; images stay out, which only the repository has."""
    source = settings.BASE_DIR / "docs" / f"{name}.md"
    if name not in GUIDES or not source.exists():
        raise Http404(_("There is no such guide."))
    text = source.read_text(encoding="utf-8")
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "title": text.partition("\n")[0].lstrip("# "),
        "guide": mark_safe(_html(text)),  # noqa: S308 - our own file; markup in it is escaped
    }
    return TemplateResponse(request, "admin/experiments/guide.html", context)


def _html(text: str) -> str:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(re.sub(r"^!\[.*\]\(.*\)$", "", text, flags=re.MULTILINE))
    for heading, inside in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", _anchor(inside))
    for token in tokens:
        _link(token)
    return str(reader.renderer.render(tokens, reader.options, {}))


def _anchor(inside: Token) -> str:
    """As repositories make them: lower case, hyphens for spaces, no punctuation."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", inside.content.lower()))


def _link(token: Token) -> None:
    """A link from one guide to the other stays in the admin."""
    for child in token.children or []:
        target = str(child.attrs.get("href", ""))
        name, _dot, rest = target.partition(".md")
        if child.type == "link_open" and name in GUIDES:
            child.attrSet("href", f"../{name}/{rest}")
