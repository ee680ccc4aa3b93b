"""A customer's data handed out and erased from the customer's page, and the certificates of what was erased."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from customers.admin.confirm import ReasonForm, ask
from customers.admin.documents import Missing
from customers.admin.machine import MachineRows, Page
from customers.commands import Refused
from customers.joining import labelled
from customers.models import Customer, ErasureCertificate
from customers.personal.erasing import erase
from customers.personal.exporting import export

PERMISSION = "customers.erase_customer"


class HandsOutAndErases(Page):
    """The two buttons of a customer's page, for those who may."""

    actions_detail: Any = ("hand_out", "erase_data")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.erase_view)
        return [path("<int:pk>/erase/", view, name="customers_customer_erase"), *super().get_urls()]

    def has_erase_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(PERMISSION))

    @action(description=_("Hand out all data"), icon="folder_zip", permissions=["erase"])
    def hand_out(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """A ZIP file with everything that is kept of the customer."""
        customer = self.row_or_404(request, object_id)
        try:
            return _file(customer)
        except Refused as refusal:
            raise Missing(str(refusal)) from refusal
        except FileNotFoundError as error:
            raise Missing(gettext("What was asked for is gone; ask again.")) from error

    @action(description=_("Erase all data"), icon="person_remove", permissions=["erase"])
    def erase_data(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:customers_customer_erase", args=[object_id]))

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, and erase."""
        if not self.has_erase_permission(request):
            raise PermissionDenied
        customer = self.row_or_404(request, pk)
        return ask(
            page=self,
            request=request,
            title=gettext("Erase all data of a customer"),
            question=_question(str(customer)),
            button=gettext("Erase for ever"),
            back=reverse("admin:customers_erasurecertificate_changelist")
            if request.method == "POST"
            else reverse("admin:customers_customer_change", args=[pk]),
            work=lambda reason: _erased(customer.customer_id, reason=reason, user=request.user),
            form_class=ReasonForm,
        )


def _file(customer: Customer) -> FileResponse:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "customer.zip"
        export(customer_id=customer.customer_id, out=out)
        file = out.open("rb")  # stays readable once its name is gone; the response closes it
    return FileResponse(file, as_attachment=True, filename=f"customer-{customer.pk}.zip")


def _question(customer: str) -> str:
    return gettext(
        "Everything that is kept of %(customer)s is erased in tables, archive, feature snapshots and files, and cannot "
        "be brought back. What finished analyses rest on stays under a random name. The reason stands on the "
        "certificate: say which request it answers, and name nobody."
    ) % {"customer": customer}


def _erased(customer_id: str, *, reason: str, user: Any) -> str:
    certificate = erase(customer_id=customer_id, reason=reason, user=user)
    return gettext("The data are erased; the certificate is number %(number)s.") % {"number": certificate.pk}


@admin.register(ErasureCertificate)
class ErasureCertificateAdmin(MachineRows):
    list_display = ("__str__", "started_at", "completed_at", "who", "reason")
    fields = (
        *(("started_at", "completed_at"), ("who", "pseudonym"), "reason", "digest"),
        *("what_was_erased", "what_was_kept"),
    )
    readonly_fields = ("what_was_erased", "what_was_kept")
    actions_detail = ("to_print",)
    ordering = ("-id",)
    empty_title = _("Nobody's data were erased yet")
    empty_message = _("A customer's data are erased on the customer's page; what was done is kept here.")

    @admin.display(description=_("erased"))
    def what_was_erased(self, certificate: ErasureCertificate) -> Any:
        return (
            format_html_join("", "<div>{}</div>", ((labelled(*one),) for one in sorted(certificate.erased.items())))
            or "–"
        )

    @admin.display(description=_("kept"))
    def what_was_kept(self, certificate: ErasureCertificate) -> Any:
        rows = ((labelled(one["table"], one["rows"]), one["why"]) for one in certificate.kept)
        return format_html_join("", "<div>{} ({})</div>", rows) or "–"

    @action(description=_("Print"), icon="print", permissions=["view"])
    def to_print(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The certificate as a page of its own, without what surrounds it."""
        certificate = self.row_or_404(request, object_id)
        return TemplateResponse(request, "admin/customers/certificate.html", {"certificate": certificate})
