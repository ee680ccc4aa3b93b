"""Versions of the configuration: the active one, what a change would do, and making a change the active one."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from customers.commands import Refused
from customers.sentences import gettext as _
from healthscore.dimensions.configuration import Configuration, Wrong
from healthscore.models import ConfigurationVersion

__all__ = ["activate", "active", "checked", "for_run", "save"]

Source = ConfigurationVersion.Source


def active() -> ConfigurationVersion:
    """The version that the daily job scores with; the first time, the default becomes it."""
    found = ConfigurationVersion.objects.filter(is_active=True).first()
    if found is not None:
        return found
    with transaction.atomic():
        version = _version(Configuration.of(), source=Source.DEFAULT, note="", user=None)
        ConfigurationVersion.objects.filter(pk=version.pk).update(is_active=True, activated_at=timezone.now())
    return ConfigurationVersion.objects.get(is_active=True)


def checked(document: Any) -> Configuration:
    """The configuration of a document; what it leaves out is the default's. Raises Refused with what is wrong."""
    try:
        return Configuration.of(document)
    except Wrong as error:
        raise Refused(_("The configuration cannot be used: %(why)s") % {"why": error}) from None


def for_run(changes: Mapping[str, Any]) -> ConfigurationVersion:
    """The active version with some keys changed for one run; kept, so that its scores can name it, but not active."""
    whole = _changed(active().document, changes)
    return _version(checked(whole), source=Source.RUN, note="", user=None)


def save(*, document: Mapping[str, Any], user: Any, note: str = "") -> ConfigurationVersion:
    """A new version from staff, not active yet; an equal one that is there already is given back."""
    return _version(checked(document), source=Source.EDITED, note=note, user=user)


@transaction.atomic
def activate(version: ConfigurationVersion, *, user: Any) -> ConfigurationVersion:
    """Score with this version from now on; scores that are stored keep the version they were made with."""
    checked(version.document)
    list(ConfigurationVersion.objects.select_for_update().filter(is_active=True))
    ConfigurationVersion.objects.filter(is_active=True).exclude(pk=version.pk).update(is_active=False)
    ConfigurationVersion.objects.filter(pk=version.pk).update(
        is_active=True, activated_by=user, activated_at=timezone.now()
    )
    version.refresh_from_db()
    return version


def _version(configuration: Configuration, *, source: str, note: str, user: Any) -> ConfigurationVersion:
    given = {"document": configuration.document, "source": source, "note": note, "created_by": user}
    version, _is_new = ConfigurationVersion.objects.get_or_create(digest=configuration.digest, defaults=given)
    return version


def _changed(document: Mapping[str, Any], changes: Any) -> Any:
    """Sections merged; what is wrong with the changes is left for the check."""
    if not isinstance(changes, Mapping):
        return changes
    merged = dict(document)
    for key, value in changes.items():
        is_section = isinstance(document.get(key), Mapping)
        merged[key] = _changed(document[key], value) if is_section else value
    return merged
