"""Texts of rows that come with the system: kept in English, shown in the reader's language until they are changed.

A form shows such a text translated and takes it back as it is kept, so that saving the form changes nothing.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

__all__ = ["ShippedText", "ship", "told"]

_TEXTS = {
    _("online_retail"),
    _("Online Retail (UCI): invoice lines of a gift shop, summed to one transaction an invoice."),
    _("the line names no customer"),
    _("the invoice was cancelled"),
    _("the quantity is not above 0"),
    _("the price is not above 0"),
    _("the line is an adjustment, not goods"),
    _("ravenstack"),
    _("RavenStack: accounts, subscriptions, support tickets and feature usage of a software company."),
}
"""Of the import profiles; `ship` adds those of other apps."""


def ship(*texts: str) -> None:
    """Say which texts an app's migrations write into rows; they are marked for translation where this is called."""
    _TEXTS.update(texts)


def told(text: str) -> str:
    """A shipped text in the reader's language; any other as it stands."""
    return gettext(text) if text in _TEXTS else text


class ShippedText(forms.CharField):
    """A text that may be a shipped one."""

    def prepare_value(self, value: Any) -> Any:
        return told(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return {told(one): one for one in _TEXTS}.get(text or "", text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial, self.to_python(data))
