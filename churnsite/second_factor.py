"""The second factor of staff: a code of an app on their phone (TOTP, RFC 6238), or one of ten codes on paper.

Whoever has set it up is asked for it after the password; members of the role manager and superusers have to set it up
before anything else where TWO_FACTOR_REQUIRED is on. Others may.
"""

from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django_otp import login
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from churnsite.roles import MANAGER

__all__ = ["begin", "confirm", "device_of", "drawing", "has_one", "is_required", "missing_step", "remove", "verify"]

N_CODES = 10
ENROL, VERIFY = "admin:second_factor_enrol", "admin:second_factor"


def missing_step(request: HttpRequest) -> str:
    """The name of the page that the user has to pass before any other; blank where there is none."""
    user: Any = request.user
    if not user.is_authenticated or user.is_verified():
        return ""
    if has_one(user):
        return VERIFY
    return ENROL if is_required(user) else ""


def has_one(user: Any) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_required(user: Any) -> bool:
    """Of managers and superusers, where the setting is on."""
    if not settings.TWO_FACTOR_REQUIRED:
        return False
    return bool(user.is_superuser or user.groups.filter(name=MANAGER).exists())


def begin(user: Any) -> TOTPDevice:
    """The secret that the user is to scan; the same until it is confirmed."""
    device, _made = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "app"})
    return device


def drawing(device: TOTPDevice) -> SafeString:
    """The secret as a QR code, black on white whatever the page's colours: an inline SVG."""
    code = segno.make(device.config_url, error="m")
    drawn = code.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    return mark_safe(drawn)  # noqa: S308 - made by us of a secret in base 32 and a quoted name


def confirm(request: HttpRequest, device: TOTPDevice, code: str) -> list[str]:
    """Take the device into use where the code is right, in place of any before; gives the ten codes for paper.

    An empty list where the code is wrong. The session counts as verified.
    """
    user: Any = request.user
    with transaction.atomic():
        locked = TOTPDevice.objects.select_for_update().get(pk=device.pk)
        if not locked.verify_token(code):
            return []
        TOTPDevice.objects.filter(user=user).exclude(pk=locked.pk).delete()
        locked.confirmed = True
        locked.save(update_fields=["confirmed"])
        codes = _new_codes(user)
    _verified(request, locked)
    return codes


def verify(request: HttpRequest, code: str) -> bool:
    """Whether the code is right; then the session counts as verified."""
    device = device_of(request.user, code)
    if device is not None:
        _verified(request, device)
    return device is not None


def device_of(user: Any, code: str) -> Any:
    """The user's app, or the codes on paper, where the code is one of them; None where it is wrong.

    A code is used up; after a wrong one the next has to wait.
    """
    wanted = code.replace(" ", "").replace("-", "").lower()
    kind = TOTPDevice if wanted.isdigit() and len(wanted) == 6 else StaticDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        return device if device is not None and device.verify_token(wanted) else None


def remove(user: Any) -> None:
    """Forget the user's app and codes."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def _verified(request: HttpRequest, device: Any) -> None:
    login(request, device)
    request.session.cycle_key()


def _new_codes(user: Any) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="paper")
    codes = [StaticToken.random_token() for _place in range(N_CODES)]
    device.token_set.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes
