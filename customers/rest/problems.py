"""Errors as problem documents (RFC 9457), which name each field that is wrong; none repeats what was sent."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.settings import api_settings

from customers.commands import Refused

__all__ = [
    "MEDIA_TYPE",
    "SENSELESS",
    "SENSELESS_CODES",
    "Conflict",
    "KeyReused",
    "Problem",
    "Stale",
    "Unprocessable",
    "errors",
    "handler",
    "refused",
]

MEDIA_TYPE = "application/problem+json"
# The code of errors of what has the right form and makes no sense.
SENSELESS = "senseless"
# With those of numbers, whose digits no description bounds.
SENSELESS_CODES = {SENSELESS, "max_digits", "max_decimal_places", "max_whole_digits"}
TYPE = "urn:shanjiaxia:problem:"


class Conflict(exceptions.APIException):
    """What is asked for does not go with the state of things."""

    status_code = HTTPStatus.CONFLICT
    default_detail = _("This does not go with the present state.")
    default_code = "conflict"


class Stale(exceptions.APIException):
    """If-Match names another version than the present one."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_detail = _("It was changed meanwhile: read it again, then change it.")
    default_code = "stale"


class KeyReused(exceptions.APIException):
    """An Idempotency-Key comes with another body than before."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = _("This Idempotency-Key was used for another request.")
    default_code = "idempotency_key_reused"


class Unprocessable(exceptions.ValidationError):
    """What was sent has the form that is described, and makes no sense; told by field, as other errors are."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


class FieldError(serializers.Serializer):
    """What is wrong with one field; `field` is a path such as `arms.0.share`, or empty for the whole."""

    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457, with `errors` where fields are wrong."""

    type = serializers.CharField(help_text=_("A name of the kind of problem, for programs."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text=_("A sentence for people."))
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]


def refused(error: Refused) -> Conflict:
    """A refusal of the work itself, with its sentence."""
    return Conflict(str(error))


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """For REST framework's EXCEPTION_HANDLER; None leaves a fault to Django."""
    problem = _as_api(exc)
    if problem is None:
        return None
    headers = {}
    if getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = problem.auth_header
    if getattr(problem, "wait", None) is not None:
        headers["Retry-After"] = str(max(1, int(problem.wait)))
    return Response(document(problem), status=problem.status_code, headers=headers, content_type=MEDIA_TYPE)


def document(problem: exceptions.APIException) -> dict[str, Any]:
    """The body of a problem."""
    status = int(problem.status_code)
    told: dict[str, Any] = {
        "type": f"{TYPE}{_code(problem)}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _detail(problem),
    }
    if isinstance(problem, exceptions.ValidationError):
        told["errors"] = list(errors(problem.detail))
    return told


def _as_api(exc: Exception) -> Any:
    if isinstance(exc, Refused):
        return refused(exc)
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    return exc if isinstance(exc, exceptions.APIException) else None


def _code(problem: exceptions.APIException) -> str:
    return "invalid" if isinstance(problem, exceptions.ValidationError) else str(problem.default_code)


def _detail(problem: exceptions.APIException) -> str:
    if isinstance(problem, exceptions.ValidationError):
        return str(_("The request is not valid."))
    return str(problem.detail if isinstance(problem.detail, str) else problem.default_detail)


def errors(detail: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Each error with the path of its field, from REST framework's nested form."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            is_whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from errors(inner, path if is_whole else (*path, str(name)))
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from errors(inner, (*path, str(place)) if nested else path)
    else:
        yield {"field": ".".join(path), "code": str(detail.code or "invalid"), "message": str(detail)}
