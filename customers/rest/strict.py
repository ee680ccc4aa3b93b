"""Serializers that refuse what they do not know, and JSON that is read and written quickly."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import parsers, renderers, serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError

__all__ = ["JSONParser", "JSONRenderer", "Strict", "defaults", "query"]

OTHER_TYPE = _("This is not of the type that is described.")
# The first that fits: a choice is text, or whatever it chooses from.
_TYPES: tuple[tuple[type[serializers.Field], tuple[type, ...]], ...] = (
    (serializers.BooleanField, (bool,)),
    (serializers.IntegerField, (int,)),
    (serializers.FloatField, (int, float)),
    (serializers.DecimalField, (int, float)),
    (serializers.CharField, (str,)),
    (serializers.DateField, (str,)),
    (serializers.DateTimeField, (str,)),
)
UNKNOWN = _("This field is not known here.")
UNKNOWN_PARAMETER = _("This parameter is not known here.")
TWICE = _("This parameter is given more than once.")


class Strict(serializers.Serializer):
    """A serializer of input: a field that it does not have is an error, as it may be one misspelt."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (wrong := self._of_other_types(data)):
            raise ValidationError(wrong)
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise ValidationError({**error.detail, **_each(unknown, UNKNOWN)}) from None
            raise
        if unknown:
            raise ValidationError(_each(unknown, UNKNOWN))
        return value

    def _of_other_types(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        """Fields that come as another type of JSON than they are described as, such as "5" for a number."""
        wrong = {name for name, field in self.fields.items() if not _is_of_type(data.get(name), field)}
        return _each(wrong, OTHER_TYPE, code="type")


def _is_of_type(value: Any, field: serializers.Field) -> bool:
    if value is None:
        return True
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return all(_is_of_type(one, field.child) for one in value)
    kinds = next((types for of, types in _TYPES if isinstance(field, of)), None)
    kinds = getattr(field, "types", kinds)
    return kinds is None or (isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds))


def query(parameters: QueryDict, declared: type[serializers.Serializer]) -> dict[str, Any]:
    """The query parameters of a call, checked; one that is not declared, or comes twice, is an error."""
    several = {name for name, field in declared().fields.items() if isinstance(field, serializers.ListField)}
    sent = {name: parameters.getlist(name) if name in several else parameters[name] for name in parameters}
    serializer = declared(data=sent)
    if unknown := set(parameters) - set(serializer.fields):
        raise ValidationError(_each(unknown, UNKNOWN_PARAMETER))
    if twice := {name for name, values in parameters.lists() if len(values) > 1 and name not in several}:
        raise ValidationError(_each(twice, TWICE))
    if not serializer.is_valid():
        raise ValidationError({name: _flat(wrong) for name, wrong in serializer.errors.items()})
    return dict(serializer.validated_data)


def defaults(declared: type[serializers.Serializer]) -> dict[str, Any]:
    """The query parameters of a call that gives none."""
    return dict(_defaults(declared))


@cache
def _defaults(declared: type[serializers.Serializer]) -> dict[str, Any]:
    return query(QueryDict(), declared)


def _flat(wrong: Any) -> list[Any]:
    """What is wrong with a parameter, of one given several times without the place: it has none in an address."""
    return [one for inner in wrong.values() for one in inner] if isinstance(wrong, dict) else list(wrong)


def _each(names: set[str], sentence: Any, code: str = "unknown") -> dict[str, list[ErrorDetail]]:
    return {str(name)[:100]: [ErrorDetail(sentence, code=code)] for name in sorted(names, key=str)}


class JSONParser(parsers.BaseParser):
    """JSON without NaN and half characters, which no database keeps."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError:
            raise ParseError(_("The body is not JSON.")) from None


class JSONRenderer(renderers.BaseRenderer):
    """Compact JSON in UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return str(value)
