"""The WSGI entry point for a web server: one chain of middleware for pages, a shorter one for the API.

The API knows no sessions, no forms and no pages, and answers a thousand times while a page is read once. Its own page,
the documentation to try, goes the pages' way.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

import django
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churnsite.settings")

__all__ = ["ApiHandler", "application", "by_path"]

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
API, PAGE = "/api/", "/api/v1/docs/"


class ApiHandler(WSGIHandler):
    """Django with the middleware of API_MIDDLEWARE, none of which looks at views or templates."""

    _get_response: Any

    def load_middleware(self, is_async: bool = False) -> None:
        hooks: list[Any] = []
        self._view_middleware = self._template_response_middleware = self._exception_middleware = hooks
        chain = convert_exception_to_response(self._get_response)
        for path in reversed(settings.API_MIDDLEWARE):
            chain = convert_exception_to_response(import_string(path)(chain))
        self._middleware_chain = chain


def by_path(*, pages: Application, api: Application) -> Application:
    """One application of two, by how the address begins."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        is_api = path.startswith(API) and not path.startswith(PAGE)
        return (api if is_api else pages)(environ, start_response)

    return application


django.setup(set_prefix=False)
application = by_path(pages=WSGIHandler(), api=ApiHandler())
