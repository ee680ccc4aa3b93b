"""Sentences that remember what they were made of, so that what is stored can be told in another reader's language.

`gettext` here gives the same text as Django's; the text knows its English original and its facts through `%` and
`format`. `kept` is that as JSON, and `told` says it again. Rows of before hold a text alone, which stands as it is.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import translation

from customers.joining import listed, running

__all__ = ["Said", "gettext", "joined", "kept", "told"]

Kept = dict[str, Any]


class Said(str):
    """A text with what it was made of."""

    document: Kept

    def __mod__(self, facts: Any) -> "Said":
        return _said(self.document | {"facts": _plain(facts)})

    def format(self, *_positions: object, **facts: object) -> "Said":
        return _said(self.document | {"facts": _plain(facts), "braces": True})


def gettext(text: str) -> Said:
    """A text in the active language; its placeholders are filled by name."""
    return _said({"text": text})


def joined(sentences: Iterable[str]) -> Said:
    """Sentences one after another, as the reader's language joins them."""
    return _said({"sentences": [_document(one) for one in sentences]})


def kept(text: object) -> Kept | None:
    """What to store of a text, or of an exception with one; None where it remembers nothing."""
    said = text.args[0] if isinstance(text, Exception) and text.args else text
    return said.document if isinstance(said, Said) else None


def told(document: Kept | None, *, otherwise: str = "") -> str:
    """A kept text in the active language; `otherwise` where there is none, or none that can be read."""
    try:
        return _told(document) if document else otherwise
    except (KeyError, TypeError, ValueError):
        return otherwise


def _said(document: Kept) -> Said:
    said = Said(_told(document))
    said.document = document
    return said


def _told(document: Kept) -> str:
    if "sentences" in document:
        return running(map(_fact, document["sentences"]))
    text = translation.gettext(document["text"])
    if "facts" not in document:
        return text
    facts = {name: _fact(fact) for name, fact in document["facts"].items()}
    return text.format(**facts) if document.get("braces") else text % facts


def _fact(fact: Any) -> Any:
    """A sentence within a sentence is told, and a list put in a row."""
    if isinstance(fact, dict):
        return _told(fact)
    return listed(fact) if isinstance(fact, list) else fact


def _plain(facts: Mapping[str, Any]) -> Kept:
    return {name: _document(fact) for name, fact in facts.items()}


def _document(fact: Any) -> Any:
    """A fact as JSON has it."""
    if isinstance(fact, Said):
        return fact.document
    if isinstance(fact, list | tuple):
        return [str(one) for one in fact]
    return fact if isinstance(fact, str | int | float) else str(fact)
