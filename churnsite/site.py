"""The one admin site: Unfold's, with the home page, the pinned date on every page, and the data dictionary."""

from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

BEFORE_SECOND_FACTOR = {"logout", "i18n_javascript", "second_factor", "second_factor_enrol"}


class Site(UnfoldAdminSite):
    """The apps register their models with it."""

    def extra_urls(self) -> list[Any]:
        return [
            path("data-dictionary/", self.admin_view(self.data_dictionary), name="data_dictionary"),
            path("second-factor/", self.admin_view(self.second_factor), name="second_factor"),
            path("second-factor/set-up/", self.admin_view(self.second_factor_enrol), name="second_factor_enrol"),
            path(
                "second-factor/put-away/", self.admin_view(self.second_factor_put_away), name="second_factor_put_away"
            ),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """No page of the site before the second factor, where the user has one or has to have one."""
        from churnsite import second_factor

        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            step = "" if view.__name__ in BEFORE_SECOND_FACTOR else second_factor.missing_step(request)
            return redirect_to_login(request.get_full_path(), step) if step else inner(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        from churnsite.second_factor_pages import ask

        return ask(self, request)

    def second_factor_enrol(self, request: HttpRequest) -> HttpResponse:
        from churnsite.second_factor_pages import enrol

        return enrol(self, request)

    def second_factor_put_away(self, request: HttpRequest) -> HttpResponse:
        from churnsite.second_factor_pages import put_away

        return put_away(self, request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # Colours stand in a file: a style in the page would take a hole in its Content-Security-Policy.
        return {**super().each_context(request), "pinned_date": settings.BUSINESS_DATE, "colors": {}}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from churnsite.home import home

        return super().index(request, {**(extra_context or {}), "title": _("Home"), **home(request)})

    def data_dictionary(self, request: HttpRequest) -> HttpResponse:
        """Every table with its columns, from the models themselves."""
        from churnsite.dictionary import tables

        context = {**self.each_context(request), "title": _("Data dictionary"), "tables": tables()}
        return TemplateResponse(request, "admin/data_dictionary.html", context)
