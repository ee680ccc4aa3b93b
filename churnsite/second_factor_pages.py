"""The pages of the second factor: asked for after the password, set up, and put away."""

from base64 import b32encode
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from churnsite import second_factor

__all__ = ["ask", "enrol", "put_away"]


class CodeForm(forms.Form):
    """One code; `autocomplete` lets a phone offer it."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


def ask(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Ask for the code of somebody who gave the password; then on to where they wanted to go."""
    form = CodeForm(request.POST or None)
    if second_factor.missing_step(request) != second_factor.VERIFY:
        return HttpResponseRedirect(_next(request))
    if request.method == "POST" and form.is_valid():
        if second_factor.verify(request, form.cleaned_data["code"]):
            return HttpResponseRedirect(_next(request))
        form.add_error(
            "code", gettext("This code is wrong, was used, or came too soon after a wrong one; wait a moment.")
        )
    return _page(site, request, "admin/second_factor/ask.html", gettext("Second factor"), form=form)


def enrol(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the secret, and take the device into use once its first code is right; then show the codes for paper."""
    user: Any = request.user
    if second_factor.has_one(user) and not user.is_verified():
        return HttpResponseRedirect(reverse(second_factor.VERIFY))
    device = second_factor.begin(user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if codes := second_factor.confirm(request, device, form.cleaned_data["code"].strip()):
            title = gettext("Codes for paper")
            return _page(site, request, "admin/second_factor/codes.html", title, codes=codes, back=_next(request))
        form.add_error("code", gettext("This code is wrong; does the phone show the right time?"))
    facts = {
        "form": form,
        "drawing": second_factor.drawing(device),
        "secret": b32encode(device.bin_key).decode(),
        "is_required": second_factor.is_required(user),
        "has_one": second_factor.has_one(user),
    }
    return _page(site, request, "admin/second_factor/enrol.html", gettext("Set up the second factor"), **facts)


def put_away(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Whoever need not have a second factor may give it up; only from a session that passed it."""
    if request.method == "POST" and not second_factor.is_required(request.user):
        second_factor.remove(request.user)
        messages.success(request, gettext("The second factor is put away; the password alone lets you in."))
    return HttpResponseRedirect(reverse("admin:index"))


def _page(site: AdminSite, request: HttpRequest, template: str, title: str, **facts: Any) -> HttpResponse:
    context = {**site.each_context(request), "title": title, "next": _next(request), **facts}
    return TemplateResponse(request, template, context)


def _next(request: HttpRequest) -> str:
    """Where to go on: an address of this site, or home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure())
    return wanted if is_ours else reverse(settings.LOGIN_REDIRECT_URL)
