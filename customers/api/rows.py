"""Rows of JSON on their way in: the columns of a kind, as cells of which the import's own checks judge."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from customers.ingest.declare import Kind
from customers.ingest.messages import Reason, translated
from customers.rest.strict import UNKNOWN, Strict

__all__ = ["MOST", "body", "bulk_body", "checked_rows", "reasons"]

MOST = 5_000
NAMED = 50
_SCALARS = (str, int, float, bool, type(None))
_CONTAINERS = {dict, list}
_NESTED = _("A cell is a text, a number, true, false or null.")


_SCHEMA = {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}


@extend_schema_field({**_SCHEMA, "nullable": True})
class Cell(serializers.Field):
    """A text, number, true or false; null empties it. What it has to be, the import checks, as in a file."""

    may_be_null = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_null=self.may_be_null)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, _SCALARS):
            raise ValidationError(_NESTED)
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(_SCHEMA)
class NeededCell(Cell):
    """One that a row may not lack."""

    may_be_null = False


def body(kind: Kind, *, name: str, without: tuple[str, ...] = (), is_partial: bool = False) -> type[Strict]:
    """A row of a kind as a serializer called `name`, without some columns; of a partial one nothing is required."""
    cells: dict[str, Any] = {
        column.name: (NeededCell if column.required and not is_partial else Cell)(
            required=column.required and not is_partial, help_text=kind.help(column)
        )
        for column in kind.columns
        if column.name not in without
    }
    return type(name, (Strict,), {"__doc__": f"A row of {kind.name}.", **cells})


def bulk_body(kind: Kind) -> type[Strict]:
    """What the bulk endpoint of a kind takes. A missing cell sets its row aside, so that none is required here."""
    row: Any = body(kind, name=f"Row_{kind.name}", is_partial=True)
    return type(f"Rows_{kind.name}", (Strict,), {"rows": row(many=True, min_length=1, max_length=MOST)})


def checked_rows(sent: Any, kind: Kind) -> list[dict[str, Any]]:
    """The rows of a bulk body, by hand as there are many; raises ValidationError where it has another form.

    That is a mistake of the program that calls, so nothing of it is stored: no object, more rows than allowed, a column
    that the kind does not have, a list in a cell.
    """
    if not isinstance(sent, dict) or not isinstance(sent.get("rows"), list):
        raise ValidationError({"rows": [_("An object with a list of rows is needed.")]})
    if unknown := sorted(set(sent) - {"rows"}):
        raise ValidationError({name[:100]: [ErrorDetail(str(UNKNOWN), code="unknown")] for name in unknown[:NAMED]})
    rows: list[dict[str, Any]] = sent["rows"]
    if not 1 <= len(rows) <= MOST:
        raise ValidationError({"rows": [_("From 1 to %(most)s rows are taken at a time.") % {"most": MOST}]})
    if wrong := _wrong(rows, set(kind.by_name)):
        raise ValidationError({"rows": dict(list(wrong.items())[:NAMED])})
    return rows


def _wrong(rows: list[Any], names: set[str]) -> dict[str, Any]:
    """What has not the form of a row, by its place from 0."""
    found: dict[str, Any] = {}
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            found[str(place)] = [_("A row is an object of columns.")]
            continue
        if not names >= row.keys():
            unknown = sorted(row.keys() - names)[:NAMED]
            found[str(place)] = {name[:100]: [ErrorDetail(str(UNKNOWN), code="unknown")] for name in unknown}
        if not _CONTAINERS.isdisjoint(map(type, row.values())):
            nested = {name[:100]: [_NESTED] for name, cell in row.items() if type(cell) in _CONTAINERS}
            found.setdefault(str(place), {}).update(nested)
    return found


def reasons(stored: tuple[Reason, ...]) -> list[dict[str, str]]:
    """Why a row is set aside, in the caller's language."""
    return [{"column": why["column"], "code": why["code"], "message": translated(why)} for why in stored]
