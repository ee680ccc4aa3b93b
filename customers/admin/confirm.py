"""A page that asks before something is done: what it does in plain words, a reason where one is kept, two buttons."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from customers.commands import Refused


class ReasonForm(forms.Form):
    """Why it is done; kept beside what was done."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept for those who come after you."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def ask(
    *,
    page: ModelAdmin,
    request: HttpRequest,
    title: Any,
    question: Any,
    button: Any,
    back: str,
    work: Callable[[str], Any],
    form_class: type[forms.Form] = forms.Form,
) -> HttpResponse:
    """Show the question; on POST call `work` with the reason, and tell what it returns or why it was refused."""
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, work(form.cleaned_data.get("reason", "")))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "title": title,
        "question": question,
        "button": button,
        "back": back,
        "form": form,
    }
    return TemplateResponse(request, "admin/confirm.html", context)
