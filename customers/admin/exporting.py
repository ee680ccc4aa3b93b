"""The download of a list: its rows as they are filtered and sorted, as CSV or Excel, large ones as a job.

A page declares its columns, and `export_treats` where the list says whom to treat: then the boundary is asked, and
records who was kept off. Which rows a user may see is decided by the page's own queryset, at once and in the job alike.
A table that is no admin list, such as an experiment's list of whom to treat, is offered with `offer`.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action

from customers import boundary, exports, jobs
from customers.admin import held
from customers.admin.background import tell
from customers.admin.confirm import ask
from customers.commands import Refused
from customers.exports import Table
from customers.jobs import Working
from customers.sentences import gettext as _
from customers.spreadsheet import Format

__all__ = ["NOT_YOURS", "PERSONAL", "Column", "Exports", "ask_for_file", "is_large", "offer", "work"]

PERSONAL = "customers.view_personal"
CHUNK = 2_000
NOT_YOURS = gettext_lazy("Whoever asked for this file may not have it.")

Maker = Callable[[Any, QueryDict], Table]
_MAKERS: dict[str, Maker] = {}


def offer(name: str, maker: Maker) -> None:
    """Let jobs make a table that says whom to treat: of a user and what was asked for; Refused to who may not."""
    _MAKERS[name] = maker


@dataclass(frozen=True)
class Column:
    """A column of a file: its name, what it holds of a row, and whether it is for those only who see personal data."""

    name: str
    value: Callable[[Any], Any]
    is_personal: bool = False


class Exports(ModelAdmin):
    """A list with downloads; `export_treats` where it says whom to treat."""

    export_name = ""
    export_columns: Sequence[Column] = ()
    export_treats = False
    export_customer = "customer"
    export_permission = ""
    """Needed beside the sight of the list."""

    actions_list: Any = ("export", "export_xlsx")

    def has_export_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        may: bool = self.has_view_permission(request)
        return may and (not self.export_permission or request.user.has_perm(self.export_permission))

    @action(description=gettext_lazy("Download as CSV"), icon="download", permissions=["export"])
    def export(self, request: HttpRequest) -> HttpResponseBase:
        return self._leave(request, self._listed(request), Format.CSV)

    @action(description=gettext_lazy("Download as Excel"), icon="table_view", permissions=["export"])
    def export_xlsx(self, request: HttpRequest) -> HttpResponseBase:
        return self._leave(request, self._listed(request), Format.XLSX)

    @admin.action(description=gettext_lazy("Download as CSV"), permissions=["export"])
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        return self._chosen(request, queryset, Format.CSV)

    @admin.action(description=gettext_lazy("Download as Excel"), permissions=["export"])
    def export_chosen_xlsx(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        return self._chosen(request, queryset, Format.XLSX)

    def table_of(self, request: HttpRequest, rows: QuerySet[Any], kind: Format) -> Table:
        """What leaves of the rows that the user sees; who is kept off is recorded."""
        outlet = f"{self.opts.label_lower}.{kind}"
        if self.export_treats:
            rows = boundary.let_out(rows, outlet=outlet, on=held.today(), customer=self.export_customer)
        columns = self.columns_for(request, rows)
        return Table(
            name=self.export_name,
            outlet=outlet,
            header=[column.name for column in columns],
            rows=lambda: self._cells(rows, columns),
            n_rows=rows.count(),
        )

    def columns_for(self, request: HttpRequest, rows: QuerySet[Any]) -> Sequence[Column]:
        """The columns that this user may see."""
        may = request.user.has_perm(PERSONAL)
        return [column for column in self.export_columns if may or not column.is_personal]

    def _cells(self, rows: QuerySet[Any], columns: Sequence[Column]) -> Iterator[list[Any]]:
        """The cells of the rows in their order: the keys alone are sorted, and what a row says is read by chunks.

        A cursor over the whole query would be planned for its first rows, and compute every column before it sorts.
        """
        keys = list(rows.values_list("pk", flat=True))
        for first in range(0, len(keys), CHUNK):
            chunk = keys[first : first + CHUNK]
            found = {row.pk: row for row in rows.order_by().filter(pk__in=chunk)}
            for row in (found[key] for key in chunk if key in found):
                yield [column.value(row) for column in columns]

    def _listed(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.get_changelist_instance(request).get_queryset(request)
        return rows

    def _chosen(self, request: HttpRequest, rows: QuerySet[Any], kind: Format) -> HttpResponseBase:
        """Rows that were ticked; where all of a large list were, the way of the list."""
        if not is_large(rows):
            return self._leave(request, rows, kind)
        name = f"{self.opts.app_label}_{self.opts.model_name}_{'export' if kind is Format.CSV else 'export_xlsx'}"
        return HttpResponseRedirect(f"{reverse(f'admin:{name}')}?{request.GET.urlencode()}")

    def _leave(self, request: HttpRequest, rows: QuerySet[Any], kind: Format) -> HttpResponseBase:
        if is_large(rows):
            return self._ask(request, kind)
        try:
            return exports.download(self.table_of(request, rows, kind), kind)
        except Refused as refusal:
            messages.error(request, str(refusal))
            changelist = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            return HttpResponseRedirect(f"{changelist}?{request.GET.urlencode()}")

    def _ask(self, request: HttpRequest, kind: Format) -> HttpResponseBase:
        return ask_for_file(self, request, name=self.opts.label_lower, query=request.GET.urlencode(), kind=kind)


def ask_for_file(page: ModelAdmin, request: HttpRequest, *, name: str, query: str, kind: Format) -> HttpResponseBase:
    """A job makes the file of a page's list or of a table that is offered; asking first: a link starts no work."""
    limit = number_format(settings.EXPORT_LIMIT, force_grouping=True)
    return ask(
        page=page,
        request=request,
        title=_("Download a large list"),
        question=_(
            "The list has more than %(limit)s rows. The file is made in the background, is then under Jobs, and "
            "stays there for %(days)s days."
        )
        % {"limit": limit, "days": exports.KEPT.days},
        button=_("Make the file"),
        back=reverse("admin:customers_job_changelist"),
        work=lambda _reason: _started(request.user, name=name, query=query, kind=kind),
    )


def _started(user: Any, *, name: str, query: str, kind: Format) -> str:
    from customers.tasks import export_list

    jobs.start(export_list, user=user, page=name, kind=str(kind), asked=_keep(query))
    return _("The file is on its way; this list says when it is ready.")


def work(job: Working, *, page: str, kind: str, asked: str) -> dict[str, Any]:
    """Make the file of a job: the list as its owner would see it now, with what was asked for."""
    request = RequestFactory().get("/")
    request.GET = QueryDict(_take(asked))
    request.user = job.row.created_by  # type: ignore[assignment]
    if request.user is None or not request.user.is_active:
        raise Refused(str(NOT_YOURS))
    table, treats = _made(page, request, Format(kind))
    n_rows = exports.store(_counted(table, job), Format(kind), job.row)
    (exports.folder() / f"{asked}.asked").unlink(missing_ok=True)
    return {
        "rows": n_rows,
        "name": f"{table.name}.{kind}",
        "on": held.today().isoformat(),
        "treats": treats,
    }


def _made(page: str, request: HttpRequest, kind: Format) -> tuple[Table, bool]:
    """The table, and whether it says whom to treat."""
    if page in _MAKERS:
        return _MAKERS[page](request.user, request.GET), True
    found = next(one for model, one in admin.site._registry.items() if model._meta.label_lower == page)
    if not isinstance(found, Exports) or not found.has_export_permission(request):
        raise Refused(str(NOT_YOURS))
    return found.table_of(request, found._listed(request), kind), found.export_treats


def _counted(table: Table, job: Working) -> Table:
    """The table, saying how far it is as its rows are read."""

    def rows() -> Iterator[Any]:
        for number, row in enumerate(table.rows(), start=1):
            yield row
            if number % CHUNK == 0:
                job(min(number, table.n_rows), table.n_rows)

    return Table(name=table.name, outlet=table.outlet, header=table.header, rows=rows, n_rows=table.n_rows)


def is_large(rows: QuerySet[Any]) -> bool:
    """Whether a file of these rows is made by a job."""
    limit = settings.EXPORT_LIMIT
    return len(rows.order_by().values_list("pk", flat=True)[: limit + 1]) > limit


def _keep(query: str) -> str:
    """Keep how the list was filtered beside the files, not in the job's row: a search may be somebody's name."""
    name = uuid.uuid4().hex
    (exports.folder() / f"{name}.asked").write_text(json.dumps(query), encoding="utf-8")
    return name


def _take(asked: str) -> str:
    try:
        return str(json.loads((exports.folder() / f"{asked}.asked").read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise Refused(_("What was asked for is gone; ask again.")) from None


def _told(result: dict[str, Any]) -> Any:
    n = result["rows"]
    return ngettext("A file with %(n)s row was made.", "A file with %(n)s rows was made.", n) % {
        "n": number_format(n, force_grouping=True)
    }


tell("customers.export_list", title=gettext_lazy("Download a large list"), sentence=_told)
