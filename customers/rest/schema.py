"""The OpenAPI document, made from what endpoints declare: rules, parameters, bodies and answers."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from customers.rest import answers
from customers.rest.problems import MEDIA_TYPE, Problem
from customers.rest.strict import Strict

__all__ = ["RULE", "Described", "paged"]

RULE = "x-rule"
NO_NUL = r"^[^\x00]+$"
_BOUND = {"pattern", "format", "enum"}
KEY = {"type": "string", "pattern": r"^[\x21-\x7e]+$", "minLength": 1, "maxLength": 255}


class Described(AutoSchema):
    """Reads the declarations of `customers.rest.views.Endpoint`."""

    view: Any

    def get_description(self) -> str:  # type: ignore[override]
        """The method's docstring, or the endpoint's."""
        return str(getattr(self.view, self.method.lower()).__doc__ or self.view.__doc__ or "").strip()

    def get_summary(self) -> str:
        """Its first sentence."""
        return self.get_description().split("\n")[0].partition(". ")[0].rstrip(".")

    def get_operation_id(self) -> str:
        """`post_experiments_start`: the method and the address without what varies."""
        words = [word for word in self.path.removeprefix("/api/v1/").split("/") if word]
        return "_".join([self.method.lower(), *(word.strip("{}").replace("-", "_") for word in words)])

    def get_tags(self) -> list[str]:
        """The first word of the address."""
        return [self.path.removeprefix("/api/v1/").split("/")[0] or "system"]

    def get_extensions(self) -> dict[str, Any]:
        """The rule, for whoever knows the roles."""
        return {RULE: self.view.rules[self.method]}

    def get_override_parameters(self) -> list[Any]:
        """The declared query parameters; of a POST with an effect the Idempotency-Key; a declared header."""
        found: list[Any] = [one] if (one := self._declared("parameters")) else []
        if self.method == "POST" and not self.view.is_reading:
            found.append(
                _header(answers.HEADER, str(_("Sent again with the same key, the call does nothing more.")), KEY)
            )
        return [*found, *(_header(*one) for one in getattr(self.view, "headers_taken", {}).get(self.method, ()))]

    def get_auth(self) -> list[Any]:
        """What anybody may call needs no signing in."""
        return [] if self.view.rules[self.method].is_public else super().get_auth()

    def get_request_serializer(self) -> Any:
        return self._declared("body")

    def get_response_serializers(self) -> Any:
        """What the endpoint answers, and the problems that it can have."""
        told: dict[Any, Any] = {(status, "application/json"): one for status, one in self._answers().items()}
        return told | {(status, MEDIA_TYPE): Problem for status in self._problems()}

    def _answers(self) -> dict[int, Any]:
        return dict(self._declared("answers") or {})

    def _problems(self) -> list[int]:
        rule = self.view.rules[self.method]
        found = [400, 406, 429] if rule.is_public else [400, 401, 403, 406, 429]
        if "{" in self.path or "cursor" in getattr(self._declared("parameters"), "_declared_fields", {}):
            found.append(404)
        if self._declared("body"):
            found += [413, 415, 422]
        if self.method == "POST" and not self.view.is_reading:
            found.append(422)
        return sorted({*found, *getattr(self.view, "problems", {}).get(self.method, ())})

    def _declared(self, what: str) -> Any:
        return getattr(self.view, what, {}).get(self.method)

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        is_free = isinstance(schema, dict) and schema.get("type") == "string" and not schema.keys() & _BOUND
        if direction == "request" and is_free and isinstance(field, serializers.CharField):
            return {**schema, "pattern": NO_NUL}
        if isinstance(field, serializers.ListSerializer) and direction == "request":
            return {**schema, **_lengths(field)}
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, Strict) and direction == "request":
            schema["additionalProperties"] = False
        return schema


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How a machine shows who it is; found by its base class."""

    target_class = "customers.rest.keys.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Api-Key sjx_…"}


def paged(row: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """The answer of a list of `row`."""
    facts = {
        "next": serializers.URLField(allow_null=True, help_text=_("The next page, null on the last.")),
        "previous": serializers.URLField(allow_null=True, help_text=_("The page before, null on the first.")),
        "results": row(many=True),
    }
    return type(f"Paged{row.__name__}", (serializers.Serializer,), facts)


def _lengths(field: Any) -> dict[str, int]:
    """How many rows are taken."""
    least = field.min_length or (0 if field.allow_empty else 1)
    return {name: n for name, n in (("minItems", least), ("maxItems", field.max_length)) if n}


def _header(name: str, description: str, schema: Any = OpenApiTypes.STR) -> OpenApiParameter:
    return OpenApiParameter(
        name, type=schema, location=OpenApiParameter.HEADER, required=False, description=description
    )
