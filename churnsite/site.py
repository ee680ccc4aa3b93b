"""The one admin site: Unfold's, with the home page, the pinned date on every page, and the data dictionary."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """The apps register their models with it."""

    def extra_urls(self) -> list[Any]:
        return [path("data-dictionary/", self.admin_view(self.data_dictionary), name="data_dictionary")]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "pinned_date": settings.BUSINESS_DATE}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from churnsite.home import home

        return super().index(request, {**(extra_context or {}), "title": _("Home"), **home(request)})

    def data_dictionary(self, request: HttpRequest) -> HttpResponse:
        """Every table with its columns, from the models themselves."""
        from churnsite.dictionary import tables

        context = {**self.each_context(request), "title": _("Data dictionary"), "tables": tables()}
        return TemplateResponse(request, "admin/data_dictionary.html", context)
