"""What the pages of this site share: lists that stay quick, and rows that machines write and nobody edits."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.checks import ModelAdminChecks
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from customers.admin.paging import EstimatingPaginator


class Page(ModelAdmin):
    """A list of fixed cost, with a sentence for the reader where it is empty."""

    # Unfold's own check looks actions' permissions up in the database, which has no tables before the first migration.
    checks_class = ModelAdminChecks
    list_per_page = 50
    show_full_result_count = False
    paginator = EstimatingPaginator
    empty_title: Any = _("Nothing here yet")
    empty_message: Any = ""
    empty_link: tuple[Any, str] | None = None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; what is done to it, such as a download, is done to its rows as they are filtered and sorted."""
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and request.GET:
            _filter_as_the_list(response.context_data.get("actions_list", ()), request.GET.urlencode())
        return response


def _filter_as_the_list(actions: Iterable[dict[str, Any]], query: str) -> None:
    """Unfold links an action to its bare address, also where the list is filtered."""
    for action in actions:
        _filter_as_the_list(action.get("items", ()), query)
        if "path" in action:
            action["path"] = f"{action['path']}?{query}"


class MachineRows(Page):
    """Rows that the machine writes: to be read, not to be added, changed or deleted by hand."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MachineInline(TabularInline):
    """Rows of that kind on the page of the row that they belong to."""

    extra = 0
    can_delete = False
    show_change_link = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
