"""Failed logins and second factors of users, for managers: to let somebody in, to let somebody set up a new phone."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask
from django_otp.plugins.otp_static import admin as static_pages  # noqa: F401 - unregistered below
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp import admin as totp_pages  # noqa: F401
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_simplejwt.token_blacklist import admin as token_pages  # noqa: F401
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from churnsite import borrowed, second_factor
from customers.admin.machine import Page

# Pages that come with the packages: they show secrets, or rows that nobody needs to look at.
for model in (TOTPDevice, StaticDevice, OutstandingToken, BlacklistedToken):
    admin.site.unregister(model)
for model in (TOTPDevice, StaticDevice, StaticToken, PeriodicTask):
    borrowed.speak(model)
for model in (AccessAttempt, TOTPDevice, StaticDevice):
    model._meta.app_config.verbose_name = _("System")


class ToBeForgotten(Page):
    """Rows to be read, and to be deleted by whoever may."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ToBeForgotten):
    """Deleting a row lets the name log in from there again."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    list_filter = ("attempt_time",)
    search_fields = ("username__exact", "ip_address__exact")
    search_help_text = _("A whole user name or address.")
    ordering = ("-attempt_time",)
    fields = (("username", "ip_address"), ("attempt_time", "failures_since_start"), "user_agent", "path_info")
    empty_title = _("Nobody failed to log in")
    empty_message = _("Failed logins stand here; five of a name from one address lock it out for a while.")


@admin.register(TOTPDevice)
class TOTPDeviceAdmin(ToBeForgotten):
    """Never the secret. Deleting a row lets the user set up another phone, with the password alone."""

    list_display = ("user", "confirmed", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("confirmed",)
    search_fields = ("user__username__exact",)
    search_help_text = _("A whole user name.")
    ordering = ("user__username",)
    fields = ("user", "confirmed", ("created_at", "last_used_at"), "throttling_failure_count")
    empty_title = _("Nobody has set up a second factor")
    empty_message = _("Each user sets it up by the menu of the account, below in the sidebar; managers have to.")

    def delete_model(self, request: HttpRequest, obj: TOTPDevice) -> None:
        second_factor.remove(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TOTPDevice]) -> None:
        for device in queryset.select_related("user"):
            second_factor.remove(device.user)
