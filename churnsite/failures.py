"""What is not there or not allowed, and faults: as problem documents under /api/, as pages elsewhere."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from customers.admin.documents import Missing
from customers.rest.problems import MEDIA_TYPE, TYPE

__all__ = ["bad_request", "not_allowed", "not_found", "problem", "server_error"]


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403; where the refusal says why, with its sentence in a page of the admin."""
    why = str(exception)
    if not why or not _is_staff(request):
        return defaults.permission_denied(request, exception)
    return _told(request, title=_("Forbidden"), sentence=why, status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; of a file that is missing, with its sentence in a page of the admin."""
    if not _is_api(request):
        if isinstance(exception, Missing) and _is_staff(request):
            return _told(request, title=_("Page not found"), sentence=str(exception), status=HTTPStatus.NOT_FOUND)
        return defaults.page_not_found(request, exception)
    return problem(HTTPStatus.NOT_FOUND, "not_found", _("There is nothing at this address."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, of a request that Django refuses before any endpoint sees it."""
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    return problem(HTTPStatus.BAD_REQUEST, "bad_request", _("The request is not valid."))


def server_error(request: HttpRequest, *_arguments: Any) -> HttpResponse:
    """500."""
    if not _is_api(request):
        return defaults.server_error(request)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "error", _("Something broke here; the operators can see what."))


def _is_staff(request: HttpRequest) -> bool:
    user: Any = getattr(request, "user", None)
    return bool(user and user.is_active and user.is_staff)


def _told(request: HttpRequest, *, title: str, sentence: str, status: HTTPStatus) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "sentence": sentence}
    return render(request, "admin/told.html", context, status=status)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def problem(status: HTTPStatus, code: str, detail: str) -> JsonResponse:
    """A problem document, of what no endpoint answers."""
    told = {"type": f"{TYPE}{code}", "title": status.phrase, "status": status.value, "detail": detail}
    return JsonResponse(told, status=status.value, content_type=MEDIA_TYPE)
