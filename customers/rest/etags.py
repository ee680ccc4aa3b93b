"""ETag and If-Match: whoever changes what another changed meanwhile is told, and changes nothing (RFC 9110, 13.1.1).

If-Match may be left out: then the last one wins.
"""

import hashlib
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from customers.rest.problems import Stale
from customers.rest.strict import JSONRenderer

__all__ = ["HEADER", "IF_MATCH", "check", "etag", "tagged"]

HEADER = "If-Match"
IF_MATCH = (HEADER, _("The ETag that was read: 412 where it was changed since. Without it the last change counts."))


def etag(document: Any) -> str:
    """The tag of the body of an answer; the same where the same is told, in whatever order."""
    plain = orjson.loads(JSONRenderer().render(document))
    return f'"{hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]}"'


def check(request: Request | HttpRequest, document: Any) -> None:
    """Raise Stale where If-Match names no tag of the present body; the row has to be locked meanwhile.

    Compared strongly: a weak tag never matches.
    """
    wanted = request.headers.get(HEADER)
    if wanted is None or wanted.strip() == "*":
        return
    if etag(document) not in {tag.strip() for tag in wanted.split(",")}:
        raise Stale


def tagged(document: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The answer with its tag."""
    return Response(document, status=status, headers={**(headers or {}), "ETag": etag(document)})
