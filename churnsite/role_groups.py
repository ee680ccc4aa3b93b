"""The groups of the roles as rows: for migrations, which name what they grant."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions

__all__ = ["grant", "withdraw"]


def grant(apps: Any, schema_editor: Any, *, granted: Mapping[str, Iterable[str]]) -> None:
    """Make the groups and add the permissions, as `app_label.codename`; what a group has besides stays.

    Permissions come after the last migration otherwise, so they are made here; one that the code no longer has is
    passed over. A second time changes nothing.
    """
    alias = schema_editor.connection.alias
    _make_permissions({name.split(".")[0] for names in granted.values() for name in names}, alias)
    keys = {
        f"{one.content_type.app_label}.{one.codename}": one.pk
        for one in apps.get_model("auth", "Permission").objects.using(alias).select_related("content_type")
    }
    for name, permissions in granted.items():
        group, _made = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name=name)
        group.permissions.add(*(keys[one] for one in permissions if one in keys))


def withdraw(apps: Any, schema_editor: Any, *, names: Iterable[str]) -> None:
    """Remove the groups; their members keep what they have otherwise."""
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name__in=list(names)).delete()


def _make_permissions(labels: Iterable[str], alias: str) -> None:
    for config in installed.get_app_configs():
        if config.label in set(labels):
            create_permissions(config, verbosity=0, using=alias)
