"""What operators get wrong, as system checks with ids; those tagged deploy run with `manage.py check --deploy`."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Warned

E001 = "churnsite.E001"
W001 = "churnsite.W001"
W002 = "churnsite.W002"
W003 = "churnsite.W003"
W004 = "churnsite.W004"
LEAST_KEY_LENGTH = 32


@register(Tags.files)
def data_dir_can_be_written(**kwargs: Any) -> list[CheckMessage]:
    folder = Path(settings.DATA_DIR)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    hint = "Snapshots, models, archive and reports go there; give it to the user that runs this process."
    return [Error(f"The folder DATA_DIR, {folder}, cannot be written.", hint=hint, id=E001)]


@register(Tags.security, deploy=True)
def debug_is_off_on_a_real_database(**kwargs: Any) -> list[CheckMessage]:
    if not (settings.DEBUG and _is_postgres()):
        return []
    hint = "Set DEBUG=0 and a SECRET_KEY: pages of errors show settings and data to whoever sees them."
    return [Warned("DEBUG is on with a PostgreSQL database.", hint=hint, id=W001)]


@register(Tags.compatibility, deploy=True)
def today_is_not_pinned(**kwargs: Any) -> list[CheckMessage]:
    if settings.BUSINESS_DATE is None:
        return []
    hint = "Leave BUSINESS_DATE blank, and delete demo.env in DATA_DIR: every daily job is for that date."
    return [Warned(f"Today is pinned at {settings.BUSINESS_DATE}.", hint=hint, id=W002)]


@register(Tags.caches, deploy=True)
def a_queue_is_there_for_a_real_database(**kwargs: Any) -> list[CheckMessage]:
    if settings.REDIS_URL or not _is_postgres():
        return []
    hint = "Set REDIS_URL, and run a worker and one beat; without it only `serve` has a queue and a schedule."
    return [Warned("There is a PostgreSQL database but no REDIS_URL.", hint=hint, id=W003)]


@register(Tags.security, deploy=True)
def secret_key_is_long(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or len(settings.SECRET_KEY) >= LEAST_KEY_LENGTH:
        return []
    hint = "Model files are signed with it. A long one: openssl rand -base64 48"
    return [Warned("SECRET_KEY is short.", hint=hint, id=W004)]


def _is_postgres() -> bool:
    return bool(settings.DATABASES["default"]["ENGINE"].endswith("postgresql"))
