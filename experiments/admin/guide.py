"""The guides for staff, from docs/ in the reader's language, as pages, so that none has to be looked for elsewhere."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["CHINESE", "GUIDES", "guide_page"]

GUIDES = ("experiments", "experiment-statistics", "boundary", "uplift", "health-score", "home")
CHINESE = ".zh-CN"


def guide_page(page: ModelAdmin, request: HttpRequest, name: str) -> HttpResponse:
    """One of the guides; images stay out, which only the repository has."""
    source, language = _source(name)
    if name not in GUIDES or not source.exists():
        raise Http404(_("There is no such guide."))
    text = source.read_text(encoding="utf-8")
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "title": text.partition("\n")[0].lstrip("# "),
        "guide": mark_safe(_html(text)),  # noqa: S308 - our own file; markup in it is escaped
        "language": language,
    }
    return TemplateResponse(request, "admin/experiments/guide.html", context)


def _source(name: str) -> tuple[Path, str]:
    """The file in the reader's language, and that language; English where there is no other."""
    folder = settings.BASE_DIR / "docs"
    chinese = folder / f"{name}{CHINESE}.md"
    if (get_language() or "").startswith("zh") and chinese.exists():
        return chinese, "zh-Hans"
    return folder / f"{name}.md", "en"


def _html(text: str) -> str:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(re.sub(r"^!\[.*\]\(.*\)$", "", text, flags=re.MULTILINE))
    for heading, inside in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", _anchor(inside))
    for token in tokens:
        _link(token)
    page = str(reader.renderer.render(tokens, reader.options, {}))
    return page.replace("<pre>", '<pre tabindex="0">')  # wide ones are scrolled, also by keyboard


def _anchor(inside: Token) -> str:
    """As repositories make them: lower case, hyphens for spaces, no punctuation."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", inside.content.lower()))


def _link(token: Token) -> None:
    """A link from one guide to another stays in the admin; one to a page that is not there is only its words."""
    is_kept = True
    for child in token.children or []:
        if child.type == "link_open":
            is_kept = _led(child)
        if child.type in ("link_open", "link_close") and not is_kept:
            child.tag, child.attrs = "span", {}


def _led(link: Token) -> bool:
    """Whether it leads anywhere; to a guide it does so within the admin, where the language is the reader's."""
    target = str(link.attrs.get("href", ""))
    name, dot, rest = target.partition(".md")
    name = name.removesuffix(CHINESE)
    if name in GUIDES:
        link.attrSet("href", f"../{name}/{rest}")
    return not dot or name in GUIDES
