"""What the pages of this site share: lists that stay quick, and rows that machines write and nobody edits."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.checks import ModelAdminChecks
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from customers.admin.masked import MasksPersonal
from customers.admin.paging import EstimatingPaginator
from customers.models import Customer
from customers.visibility import FIGURES_LEFT_OUT, is_limited, visible


class Page(MasksPersonal, ModelAdmin):
    """A list of fixed cost, with a sentence for the reader where it is empty."""

    # Unfold's own check looks actions' permissions up in the database, which has no tables before the first migration.
    checks_class = ModelAdminChecks
    list_per_page = 50
    show_full_result_count = False
    paginator = EstimatingPaginator
    empty_title: Any = _("Nothing here yet")
    empty_message: Any = ""
    empty_link: tuple[Any, str] | None = None
    customer_path: str = ""
    """From a row to its customer, of whom a user may see only some; blank where rows are of no customer."""
    is_for_all_sight: bool = False
    """Rows that name customers in a way that cannot be followed, or are of all: not for who sees only some of them."""
    of_all: tuple[str, ...] = ()
    """Columns with figures of all customers: not for who sees only some of them."""
    actions_on_all: tuple[str, ...] = ()
    """Buttons of a row's page for what is done to all customers, or tells of all; their views ask `check_sees_all`."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows whose customers the user may see: of the list, a page, an action, a download, an autocomplete."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if self.is_for_all_sight and is_limited(request.user):
            return rows.none()
        return visible(rows, request.user, self.customer_path) if self.customer_path else rows

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._in_sight(request, super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._in_sight(request, super().get_list_filter(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self._hides(request):
            return fieldsets
        return [(title, {**parts, "fields": self._in_sight(request, parts["fields"])}) for title, parts in fieldsets]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        found: list[Any] = super().get_actions_detail(request, object_id)
        hidden = self.actions_on_all if is_limited(request.user) else ()
        names = {f"{self.opts.app_label}_{self.opts.model_name}_{name}" for name in hidden}
        return [one for one in found if one.action_name not in names]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> Any:
        if kwargs.get("obj") is not None:
            self._tell_hidden(request)
        return super().render_change_form(request, context, **kwargs)

    def _tell_hidden(self, request: HttpRequest) -> None:
        if self._hides(request) and request.method == "GET":
            messages.info(request, FIGURES_LEFT_OUT)

    def _hides(self, request: HttpRequest) -> bool:
        """Whether there are figures on this page that the reader may not see."""
        return bool(self.of_all or self.is_for_all_sight) and is_limited(request.user)

    def _in_sight(self, request: HttpRequest, names: Iterable[Any]) -> Any:
        """The names of columns, some of which may stand in one line, without those of figures of all."""
        if not self._hides(request):
            return names
        left = (self._in_sight(request, one) if isinstance(one, list | tuple) else one for one in names)
        return tuple(one for one in left if one not in self.of_all and one != ())

    def row_or_404(self, request: HttpRequest, pk: Any) -> Any:
        """One of those rows, by its key; what can be no key is nobody's."""
        try:
            return get_object_or_404(self.get_queryset(request), pk=pk)
        except (ValueError, ValidationError):
            raise Http404 from None

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A form takes only a customer whom the user may see."""
        if issubclass(db_field.remote_field.model, Customer) and "queryset" not in kwargs:
            kwargs["queryset"] = visible(Customer.objects.all(), request.user, "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; what is done to it, such as a download, is done to its rows as they are filtered and sorted."""
        self._tell_hidden(request)
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

    actions: Any = None

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
