"""Addresses below the API's that no endpoint has: a problem document whatever the method, with DEBUG as well.

Django's own answer with DEBUG would be a page, and a fault for a POST whose address lacks only its last slash.
"""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from churnsite.failures import problem

__all__ = ["Nowhere"]


@method_decorator(csrf_exempt, name="dispatch")
class Nowhere(View):
    """404; who reads an address that lacks its last slash is sent to the one that has it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD") and _lacks_slash(request):
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        return problem(HTTPStatus.NOT_FOUND, "not_found", _("There is nothing at this address."))


def _lacks_slash(request: HttpRequest) -> bool:
    path = request.path_info
    return not path.endswith("/") and getattr(resolve(f"{path}/").func, "view_class", None) is not Nowhere
