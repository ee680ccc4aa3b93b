"""What a permission allows, in the reader's language: the database keeps its English name."""

from django.contrib.auth.models import Permission
from django.forms import ModelMultipleChoiceField
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

__all__ = ["OWN", "speak", "told"]

VERBS = {
    "add": _("Can add: %(what)s"),
    "change": _("Can change: %(what)s"),
    "delete": _("Can delete: %(what)s"),
    "view": _("Can view: %(what)s"),
}
OWN = (
    gettext_noop("Can export and erase a customer's data"),
    gettext_noop("Can see monitoring"),
    gettext_noop("Can see names and other personal data"),
    gettext_noop("Can compute features"),
    gettext_noop("Can promote and roll back models"),
    gettext_noop("Can train models"),
    gettext_noop("Can export predictions"),
    gettext_noop("Can activate health score configurations"),
    gettext_noop("Can acknowledge health alerts"),
    gettext_noop("Can start, stop and complete experiments"),
)
"""Names of permissions that our models declare, named here so that our catalogue holds them."""


def told(permission: Permission) -> str:
    """Of which table, and what may be done with its rows."""
    table = permission.content_type
    verb, _sep, name = permission.codename.partition("_")
    if verb in VERBS and name == table.model:
        sentence = VERBS[verb] % {"what": table.name}
    else:
        sentence = gettext(permission.name)
    return f"{table} | {sentence}"


def speak(field: ModelMultipleChoiceField) -> None:
    """Let a field of permissions offer them by what they allow."""
    if field.queryset is not None:
        field.queryset = field.queryset.select_related("content_type")
    field.label_from_instance = told  # type: ignore[assignment, method-assign]
