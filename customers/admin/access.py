"""Keys of machines: made and shown once, replaced with both valid for a while, revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from customers.admin.confirm import ask
from customers.admin.labels import label
from customers.admin.machine import Page
from customers.commands import Refused
from customers.joining import listed
from customers.models import ApiKey
from customers.rest import keys
from customers.rest.rules import SCOPES

STATES = {"valid": "success", "expired": "warning", "revoked": "danger"}


class KeyForm(forms.ModelForm):
    """What a key may do; the key itself is made by the system."""

    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        help_text=_("What it may do; nothing else is open to it."),
        choices=[(scope.value, title) for scope, title in SCOPES.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "requests_per_minute", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(Page):
    form = KeyForm
    list_display = ("name", "start", "state_label", "scope_names", "expires_at", "last_used_on", "created_by")
    list_select_related = ("created_by",)
    search_fields = ("name", "=prefix")
    search_help_text = _("A name, or how the key begins.")
    fields = ("name", "scopes", "requests_per_minute", "expires_at")
    readonly_after = ("start", "state_label", "revoked_at", "replaces", "last_used_on", "created_by", "created_at")
    actions = None
    actions_detail = ("replace_key", "revoke_key")
    empty_title = _("No system has a key yet")
    empty_message = _("Add a key for each system that calls the API; it is shown once.")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is None else (*self.fields, *self.readonly_after)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.readonly_after

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is revoked; its row stays, for what was done with it."""
        return False

    def has_replace_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("customers.change_apikey"))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            keys.forget()
            return
        facts = {name: form.cleaned_data[name] for name in ("requests_per_minute", "expires_at")}
        made, text = keys.make(name=obj.name, scopes=obj.scopes, user=request.user, **facts)
        obj.pk, obj.digest, obj.prefix, obj.created_at = made.pk, made.digest, made.prefix, made.created_at
        _show_once(request, text)

    @action(description=_("Replace"), icon="autorenew", permissions=["replace"], url_path="replace")
    def replace_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = self.row_or_404(request, object_id)
        return ask(
            page=self,
            request=request,
            title=gettext("Replace"),
            question=gettext("A new key is made and shown once; the old one works for seven more days."),
            button=gettext("Replace"),
            back=reverse("admin:customers_apikey_changelist"),
            work=lambda _reason: _replaced(request, key),
        )

    @action(description=_("Revoke"), icon="key_off", permissions=["replace"], url_path="revoke")
    def revoke_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = self.row_or_404(request, object_id)
        return ask(
            page=self,
            request=request,
            title=gettext("Revoke"),
            question=gettext("The key opens nothing any more, within seconds. This cannot be undone."),
            button=gettext("Revoke"),
            back=reverse("admin:customers_apikey_change", args=[key.pk]),
            work=lambda _reason: _revoked(key),
        )

    @admin.display(description=_("API key"))
    def start(self, key: ApiKey) -> str:
        return f"{keys.MARK}{key.prefix}…"

    @admin.display(description=_("state"))
    def state_label(self, key: ApiKey) -> str:
        if key.revoked_at:
            return label("revoked", gettext("revoked"), STATES)
        return (
            label("valid", gettext("valid"), STATES) if key.is_valid else label("expired", gettext("expired"), STATES)
        )

    @admin.display(description=_("scopes"))
    def scope_names(self, key: ApiKey) -> str:
        return listed(key.scopes)


def _show_once(request: HttpRequest, text: str) -> None:
    said = gettext("This is the key. Copy it now: it is not shown again.")
    messages.success(request, format_html("{} <code>{}</code>", said, text))


def _replaced(request: HttpRequest, key: ApiKey) -> str:
    if not key.is_valid or hasattr(key, "successor"):
        raise Refused(gettext("Only a valid key that has not been replaced yet can be."))
    _successor, text = keys.replace(key, user=request.user)
    _show_once(request, text)
    key.refresh_from_db()
    until = date_format(key.expires_at, "SHORT_DATETIME_FORMAT") if key.expires_at else ""
    return gettext("The old key works until %(until)s.") % {"until": until}


def _revoked(key: ApiKey) -> str:
    keys.revoke(key)
    return gettext("The key is revoked.")
