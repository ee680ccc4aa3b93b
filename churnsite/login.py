"""Failed logins: whose they are counted to, and what somebody reads who had too many."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from churnsite import failures
from customers.rest.counting import address_of

__all__ = ["client_ip", "locked"]


def client_ip(request: HttpRequest) -> str | None:
    """Where the request came from."""
    return address_of(request) or None


def locked(request: HttpRequest, _response: Any, _credentials: Any = None) -> HttpResponse:
    """The answer to a login of somebody who failed too often: a page, or a problem document under /api/."""
    minutes = settings.LOCKOUT_MINUTES
    if request.path.startswith("/api/"):
        detail = str(_("Too many failed logins"))
        answer: HttpResponse = failures.problem(HTTPStatus.TOO_MANY_REQUESTS, "locked_out", detail)
    else:
        from django.contrib import admin

        context = {**admin.site.each_context(request), "title": _("Too many failed logins"), "minutes": minutes}
        answer = render(request, "admin/locked.html", context, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer
