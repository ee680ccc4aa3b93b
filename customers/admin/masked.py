"""Pages on which personal columns are masked for those without the right to see them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin

from customers.personal.holdings import personal_fields
from customers.personal.masking import MASK, may_see

__all__ = ["MasksPersonal"]


class MasksPersonal(ModelAdmin):
    """Personal columns (`customers.personal.holdings`) show a mask, in lists and on a row's page.

    They are not searched, sorted or filtered by either: that would tell what the mask hides. On a page where a row is
    added the column is a field as ever.
    """

    def hidden(self, request: HttpRequest) -> frozenset[str]:
        """The personal columns, where the reader may not see them."""
        return frozenset() if may_see(request.user) else personal_fields(self.model)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._masked(super().get_list_display(request), self.hidden(request))

    def get_search_fields(self, request: HttpRequest) -> Any:
        return _without(super().get_search_fields(request), self.hidden(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        return _without(super().get_list_filter(request), self.hidden(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        hidden = self.hidden(request)
        if obj is None or not hidden:
            return fieldsets
        return [(title, {**parts, "fields": self._masked(parts["fields"], hidden)}) for title, parts in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        hidden = self.hidden(request) if obj is not None else frozenset()
        return [*fields, *(self._mask(name) for name in sorted(hidden))]

    def _masked(self, fields: Iterable[Any], hidden: frozenset[str]) -> list[Any]:
        return [
            tuple(self._masked(one, hidden))
            if isinstance(one, list | tuple)
            else self._mask(one)
            if one in hidden
            else one
            for one in fields
        ]

    def _mask(self, name: str) -> Callable[[Any], str]:
        """A column of the same title; the same function each time, as Django looks for it in two places."""
        masks = self.__dict__.setdefault("_masks", {})
        if name not in masks:

            def mask(row: Any) -> str:
                return MASK if getattr(row, name) else ""

            mask.__name__ = f"masked_{name}"
            mask.short_description = self.model._meta.get_field(name).verbose_name  # type: ignore[attr-defined]
            masks[name] = mask
        found: Callable[[Any], str] = masks[name]
        return found


def _without(names: Iterable[Any], hidden: frozenset[str]) -> tuple[Any, ...]:
    return tuple(one for one in names if _column(one) not in hidden)


def _column(one: Any) -> str:
    """Of a search field, or a filter with or without its class."""
    name = one[0] if isinstance(one, list | tuple) else one
    return name.lstrip("=^@").split("__")[0] if isinstance(name, str) else ""
