"""A session ends when nobody used it for SESSION_HOURS, moved on at most every ten minutes; it outlives its key."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["settled", "sliding"]

MOVED_AT = "moved_at"
EVERY_SECONDS = 600


def sliding(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware; a write with each request would wait for whatever else writes to the database."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        session = request.session
        if session.accessed and not session.is_empty() and time.time() - session.get(MOVED_AT, 0) > EVERY_SECONDS:
            session[MOVED_AT] = int(time.time())
        return response

    return middleware


def settled(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: while keys change, look the user up before anything writes.

    A session that the key before has signed is then signed anew, which is a write; and who writes asks for the user.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SECRET_KEY_FALLBACKS:
            request.user.is_authenticated  # noqa: B018 - looks the user up
        return get_response(request)

    return middleware
