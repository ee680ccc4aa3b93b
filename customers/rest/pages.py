"""Pages by cursor: a page begins after the last row of the one before, so that the last costs what the first does.

The cursor holds the sorted values of that row; rows that come or go meanwhile shift nothing. The order ends with a
unique column. (Winand, Use the Index, Luke: "Paging Through Results".)
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as Wrong
from django.db import DataError
from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

__all__ = ["DEFAULT_SIZE", "MOST", "Cursor", "PageQuery", "page", "read", "written"]

DEFAULT_SIZE, MOST = 50, 500


class PageQuery(serializers.Serializer):
    """The parameters that every list takes; a list's own stand in a subclass."""

    cursor = serializers.CharField(
        required=False, trim_whitespace=False, help_text=_("From `next` or `previous` of another page.")
    )
    page_size = serializers.IntegerField(
        required=False, default=DEFAULT_SIZE, min_value=1, max_value=MOST, help_text=_("Rows a page, up to 500.")
    )


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The sorted values of a row, and whether the page lies before it."""

    values: tuple[Any, ...]
    is_before: bool = False


def page(
    rows: QuerySet[Any],
    *,
    request: Request,
    query: dict[str, Any],
    order: Sequence[str],
    shown: Callable[[Sequence[Any]], list[Any]],
) -> dict[str, Any]:
    """One page of `rows` as the body of an answer: `next`, `previous` (addresses or null) and `results`.

    `order` names columns, a leading "-" turns one round; the last is unique, none is ever null.
    """
    cursor = read(query.get("cursor"), n=len(order))
    is_before = cursor is not None and cursor.is_before
    sequence = [_turned(name) for name in order] if is_before else list(order)
    chosen = rows.order_by(*sequence)
    if cursor is not None:
        chosen = chosen.filter(_after(rows.model, sequence, cursor.values))
    found = _fetched(chosen[: query["page_size"] + 1], is_first=cursor is None)
    has_more = len(found) > query["page_size"]
    found = found[: query["page_size"]]
    if is_before:
        found.reverse()
    return {
        "next": _address(request, found[-1:], order, False) if has_more or is_before else None,
        "previous": _address(request, found[:1], order, True) if cursor and (has_more or not is_before) else None,
        "results": shown(found),
    }


def _fetched(rows: QuerySet[Any], *, is_first: bool) -> list[Any]:
    """The rows; values of a made-up cursor may be such as the database takes for no column at all."""
    try:
        return list(rows)
    except (DataError, ValueError, ArithmeticError):
        if is_first:
            raise
        raise _bad() from None


def written(cursor: Cursor) -> str:
    """A cursor as text for an address."""
    return base64.urlsafe_b64encode(orjson.dumps([cursor.is_before, *map(_plain, cursor.values)])).decode().rstrip("=")


def read(text: str | None, *, n: int) -> Cursor | None:
    """The cursor of a text, with `n` values; one of no page is not found."""
    if text is None:
        return None
    try:
        is_before, *values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if len(values) != n or not isinstance(is_before, bool) or not all(map(_is_plain, values)):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise _bad() from None
    return Cursor(values=tuple(values), is_before=is_before)


def _after(model: type[Model], sequence: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows behind the given one: the first column further on, or the same and the second further on, and so on."""
    condition = Q()
    for place in reversed(range(len(sequence))):
        name = sequence[place].lstrip("-")
        value = _value(model, name, values[place])
        further = Q(**{f"{name}__{'lt' if sequence[place].startswith('-') else 'gt'}": value})
        same = Q(**{name: value}) & condition if condition else Q()
        condition = further | same if condition else further
    first = sequence[0].lstrip("-")
    bound = Q(**{f"{first}__{'lte' if sequence[0].startswith('-') else 'gte'}": _value(model, first, values[0])})
    return bound & condition


def _value(model: type[Model], path: str, value: Any) -> Any:
    """The value as its column has it; what the column could not hold is no cursor of ours."""
    try:
        return _field(model, path).to_python(value)
    except (Wrong, FieldDoesNotExist, TypeError, ValueError):
        raise _bad() from None


def _field(model: type[Model], path: str) -> Field:
    *steps, last = path.split("__")
    options: Any = model._meta
    for step in steps:
        options = options.get_field(step).related_model._meta
    field: Any = options.pk if last == "pk" else options.get_field(last)
    return field.target_field if field.is_relation else field


def _address(request: Request, rows: list[Any], order: Sequence[str], is_before: bool) -> str | None:
    if not rows:
        return None
    values = tuple(_of(rows[0], name.lstrip("-")) for name in order)
    text = written(Cursor(values=values, is_before=is_before))
    return replace_query_param(request.build_absolute_uri(), "cursor", text)


def _of(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = row[step] if isinstance(row, dict) else getattr(row, step)
    return row.pk if isinstance(row, Model) else row


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str) else str(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value  # which PostgreSQL does not take
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _bad() -> NotFound:
    return NotFound(_("The cursor leads to no page of this list."))
