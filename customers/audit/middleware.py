"""Requests act for the user who is logged in; endpoints that know machines by keys say so themselves."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from customers.audit.actor import Actor, acting, as_actor


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stands after authentication; the user is not looked up for requests that write nothing."""

    def respond(request: HttpRequest) -> HttpResponse:
        via = "api" if request.path_info.startswith("/api/") else "admin"
        with acting(user=SimpleLazyObject(lambda: request.user), via=via) as actor:
            response: Any = get_response(request)
        if response.streaming and not response.is_async:
            response.streaming_content = _streamed(actor, response.streaming_content)
        return cast(HttpResponse, response)

    return respond


def _streamed(actor: Actor, parts: Iterable[bytes]) -> Iterator[bytes]:
    """What is made while it is sent is made for the same user."""
    rest = iter(parts)
    while True:
        with as_actor(actor):
            part = next(rest, None)
        if part is None:
            return
        yield part
