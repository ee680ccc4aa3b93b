"""The roles of people: what each may do, as groups that a migration makes.

A right is a line of the table in docs/security.md with the permissions that it is made of; a role is a list of rights.
Pages and endpoints ask for permissions, never for a role, so that own groups can be made of the same permissions.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

__all__ = ["RIGHTS", "ROLES", "Role", "permissions", "title"]

MANAGER = "manager"


def _on(app: str, verbs: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.{verb}_{model}" for model in models for verb in verbs.split())


_FACTS = ("customer", "transaction", "interaction", "deal", "ticket", "activity", "link", "intervention", "hold")
_EXPERIMENT = ("experiment", "arm", "condition")
_COURSE = ("statechange", "analysis", "assignment", "listing", "outcome", "upliftstudy", "upliftlisting")
_DEVICES = (("otp_totp", "totpdevice"), ("otp_static", "staticdevice"))

RIGHTS: dict[str, tuple[str, ...]] = {
    "read customers": _on("customers", "view", *_FACTS, "suppression", "assignee", "casenote"),
    "look after customers": (
        "customers.view_personal",
        *_on("customers", "add", "intervention", "hold"),
        *_on("customers", "add change", "assignee", "casenote"),
        *("healthscore.acknowledge_healthalert", *_on("healthscore", "add change", "override")),
    ),
    "change customers": (
        *_on("customers", "add change", *_FACTS),
        *_on("customers", "view add change", "importfile", "importprofile", "setasiderow"),
        *("customers.delete_importprofile", "customers.view_archivefile"),
    ),
    "see features": ("predictions.view_featuresnapshot",),
    "compute features": ("predictions.compute_featuresnapshot",),
    "see models": _on("predictions", "view", "modelversion", "promotion"),
    "train models": ("predictions.train_modelversion",),
    "promote models": ("predictions.promote_modelversion",),
    "predictions": (*_on("predictions", "view", "prediction", "peergroup"), "predictions.export_prediction"),
    "see experiments": _on("experiments", "view", *_EXPERIMENT, *_COURSE),
    "run experiments": (
        *_on("experiments", "add change delete", *_EXPERIMENT),
        *("experiments.run_experiment", "experiments.add_analysis"),
        *_on("experiments", "add change", "upliftstudy"),
    ),
    "see health": _on(
        *("healthscore", "view", "healthscore", "healthday", "notscored", "healthalert", "override"),
        "configurationversion",
    ),
    "configure health": ("healthscore.add_configurationversion", "healthscore.activate_configurationversion"),
    "settings": (
        *_on("django_celery_beat", "view add change delete", "periodictask", "crontabschedule", "intervalschedule"),
        *_on("django_celery_beat", "view add change delete", "solarschedule", "clockedschedule"),
        *_on("customers", "view add change", "apikey"),
        *(*_on("customers", "view add change delete", "webhook"), "customers.view_delivery"),
    ),
    "monitoring": (
        *_on("customers", "view", "run", "step", "job"),
        *("customers.change_run", "customers.monitor_run"),
        *_on("predictions", "view", "dailyquality", "drift"),
    ),
    "people": (
        *_on("customers", "view", "auditentry", "erasurecertificate"),
        "customers.erase_customer",
        *_on("auth", "view add change delete", "user", "group"),
        *_on("customers", "view add change delete", "userscope"),
        *_on("axes", "view delete", "accessattempt"),
        *(one for app, model in _DEVICES for one in _on(app, "view delete", model)),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Role:
    """`name` is the group's; `title` is for people."""

    name: str
    title: Any
    rights: tuple[str, ...]


ROLES = (
    Role(name=MANAGER, title=_("Manager"), rights=tuple(RIGHTS)),
    Role(
        name="data engineer",
        title=_("Data engineer"),
        rights=(
            *("read customers", "look after customers", "change customers", "see features", "compute features"),
            *("predictions", "see health", "configure health", "settings", "monitoring"),
        ),
    ),
    Role(
        name="algorithm engineer",
        title=_("Algorithm engineer"),
        rights=(
            *("read customers", "see features", "compute features", "see models", "train models", "promote models"),
            *("predictions", "see experiments", "run experiments", "monitoring"),
        ),
    ),
    Role(
        name="backend engineer",
        title=_("Backend engineer"),
        rights=(
            *("read customers", "see models", "promote models", "predictions", "see experiments", "run experiments"),
            *("settings", "monitoring"),
        ),
    ),
    Role(
        name="business staff",
        title=_("Business staff"),
        rights=(
            *("read customers", "look after customers", "see features", "see models", "predictions"),
            *("see experiments", "see health"),
        ),
    ),
)
_TITLES = {role.name: role.title for role in ROLES}


def permissions(role: Role) -> list[str]:
    """As `app_label.codename`, sorted."""
    return sorted({permission for right in role.rights for permission in RIGHTS[right]})


def title(group: str) -> str:
    """How a group is called to people: a role's title, or the name that it was given."""
    return str(_TITLES.get(group, group))
