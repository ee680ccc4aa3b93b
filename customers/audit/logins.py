"""Logins and logouts are noted; failed ones are in the records of those attempts."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out

from customers.audit.actor import acting
from customers.audit.notes import note


def connect() -> None:
    """Called when the apps are ready."""
    user_logged_in.connect(_logged_in, dispatch_uid="audit")
    user_logged_out.connect(_logged_out, dispatch_uid="audit")


def _logged_in(user: Any, **_signal: Any) -> None:
    with acting(user=user):
        note("login", subject=user)


def _logged_out(user: Any, **_signal: Any) -> None:
    if user is not None:
        with acting(user=user):
            note("logout", subject=user)
