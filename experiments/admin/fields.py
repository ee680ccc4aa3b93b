"""Form fields of experiments: percentages instead of shares, lists as people write them."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

__all__ = ["CheckboxesField", "PercentField", "ValuesField", "as_percent"]

SEPARATORS = re.compile(r"[,，、;；\n]")


def as_percent(share: Decimal) -> str:
    """A share as a number of percent, without trailing zeros: 0.100000 is 10."""
    return f"{(share * 100).normalize():f}"


class PercentField(forms.DecimalField):
    """Written in percent, kept as a share from 0 to 1; `least` and `most` are percentages."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, least: str = "0", most: str = "100", **kwargs: Any) -> None:
        self.least, self.most = Decimal(least), Decimal(most)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "suffix": "%"}

    def prepare_value(self, value: Any) -> Any:
        return as_percent(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = sanitize_separators(value.strip().rstrip("%％").strip())
        number: Decimal | None = super().to_python(value)
        return None if number is None else number / 100

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.least <= value * 100 <= self.most:
            limits = {"least": f"{self.least:f}", "most": f"{self.most:f}"}
            raise ValidationError(_("Give a number from %(least)s to %(most)s percent.") % limits)


class CheckboxesField(forms.MultipleChoiceField):
    """A list of names, each with a box to tick."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self, *, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(choices=list(choices), required=False, **kwargs)


class ValuesField(forms.CharField):
    """One or more values, written with commas between them and kept as a list."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = value if isinstance(value, list) else SEPARATORS.split(super().to_python(value) or "")
        return [part for part in (str(one).strip() for one in parts) if part]

    def validate(self, value: Any) -> None:
        """Whether a value is needed, and which, the attribute knows."""

    def run_validators(self, value: Any) -> None:
        for part in value:
            super().run_validators(part)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial or []) != self.to_python(data or "")
