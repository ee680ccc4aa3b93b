"""A field of names, a line each, every one of which some row has."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

__all__ = ["Names"]


class Names(forms.CharField):
    """A list of different names; `known` gives the rows whose `column` has them."""

    def __init__(self, *, known: Callable[[], QuerySet[Any]], column: str, **options: Any) -> None:
        self.known, self.column = known, column
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        given = {
            "required": False,
            "widget": widget,
            "help_text": _("One a line; empty is no limit."),
            "empty_value": [],
        }
        super().__init__(**(given | options))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value.splitlines() if isinstance(value, str) else (value or [])
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def validate(self, value: Any) -> None:
        super().validate(value)
        for name in value:
            if not self.known().filter(**{self.column: name}).exists():
                raise ValidationError(gettext("Nothing here is called “%(name)s”.") % {"name": name}, code="unknown")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))
