"""The form of a configuration: a field a number, checked as one whole before anything is kept."""

import math
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from customers.commands import Refused
from customers.joining import labelled, listed
from healthscore import configurations, words
from healthscore.admin import document
from healthscore.admin.document import Leaf
from healthscore.dimensions.catalogue import BY_NAME, NAMES
from healthscore.dimensions.configuration import EDGE, Configuration

__all__ = ["NumbersForm"]

PLACES = 10


class FeaturesField(forms.CharField):
    """Names of features, one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        lines = value if isinstance(value, list) else (super().to_python(value) or "").splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


class NumbersForm(forms.Form):
    """The numbers of `base`, to be changed; `configuration` is the result once it is valid."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Why it is changed."),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, data: Any = None, *, base: Mapping[str, Any]) -> None:
        super().__init__(data)
        self._base = base
        self._leaves = list(document.leaves(base))
        for leaf in self._leaves:
            self.fields[leaf.name] = _field(leaf)

    @property
    def configuration(self) -> Configuration:
        """What the fields say; raises Refused where they are no configuration."""
        return configurations.checked(self._document())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        for path, weights in self._sums().items():
            self._check_sum(path, weights)
        if not self.errors:
            self._check_whole()
        return cleaned

    def _check_sum(self, path: tuple[str, ...], weights: Mapping[str, float]) -> None:
        total = math.fsum(weights.values())
        if abs(total - 1) > EDGE:
            facts = {"what": _name_of_sum(path), "total": words.number(total)}
            self.add_error(None, _("The weights of %(what)s add up to %(total)s; they have to add up to 1.") % facts)

    def _check_whole(self) -> None:
        try:
            configurations.checked(self._document())
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None

    def _sums(self) -> dict[tuple[str, ...], dict[str, float]]:
        """Weights that belong together, by the keys that lead to them."""
        sums: dict[tuple[str, ...], dict[str, float]] = {}
        for leaf in self._leaves:
            if "weights" in leaf.path:
                sums.setdefault(leaf.path[:-1], {})[leaf.path[-1]] = self.cleaned_data[leaf.name]
        return sums

    def _document(self) -> dict[str, Any]:
        changed = deepcopy(dict(self._base))
        for leaf in self._leaves:
            inner = changed
            for key in leaf.path[:-1]:
                inner = inner[key]
            inner[leaf.path[-1]] = _like(leaf.value, self.cleaned_data[leaf.name])
        return changed

    @property
    def types(self) -> list[str]:
        return [str(document.TYPE_TITLES[kind]) for kind in document.TYPES]

    @property
    def weights(self) -> list[dict[str, Any]]:
        """A row a dimension with a field a type."""
        return [
            {
                "title": _(BY_NAME[name].title),
                "cells": [self[f"weights.{kind}.{name}"] for kind in document.TYPES],
            }
            for name in NAMES
        ]

    @property
    def sections(self) -> list[dict[str, Any]]:
        """All but the weights' table, each section with its fields."""
        sections: dict[str, list[Any]] = {}
        for leaf in self._leaves:
            if leaf.path[0] != "weights":
                sections.setdefault(leaf.path[0], []).append(self[leaf.name])
        return [
            {"title": document.section_title(name), "fields": fields, "has_errors": any(one.errors for one in fields)}
            for name, fields in sections.items()
        ]


def _field(leaf: Leaf) -> forms.Field:
    if isinstance(leaf.value, list):
        return FeaturesField(label=leaf.title, initial=leaf.value, required=False, help_text=_("One a line."))
    if isinstance(leaf.value, str):
        choices = [(kind, document.TYPE_TITLES[kind]) for kind in document.TYPES]
        return forms.ChoiceField(choices=choices, label=leaf.title, initial=leaf.value, widget=UnfoldAdminSelectWidget)
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "aria-label": _full_title(leaf)})
    return forms.FloatField(label=leaf.title, initial=_plain(leaf.value), widget=widget)


def _full_title(leaf: Leaf) -> str:
    """With the type, where the column's head says it to those who see."""
    if leaf.path[0] != "weights":
        return labelled(document.section_title(leaf.path[0]), leaf.title)
    return listed([leaf.title, document.TYPE_TITLES[leaf.path[1]]])


def _plain(value: float) -> str:
    return f"{value:.{PLACES}f}".rstrip("0").rstrip(".")


def _like(old: Any, new: Any) -> Any:
    """A number that was not changed keeps its kind, so that an equal configuration has an equal digest."""
    if isinstance(old, int | float) and not isinstance(old, bool) and float(old) == new:
        return old
    return int(new) if isinstance(new, float) and isinstance(old, int) and new.is_integer() else new


def _name_of_sum(path: tuple[str, ...]) -> str:
    return str(document.TYPE_TITLES[path[1]]) if path[0] == "weights" else document.section_title(path[0])
