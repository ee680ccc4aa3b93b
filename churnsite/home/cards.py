"""What else is worth a glance: customers known, the champion, rows set aside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from churnsite.home.links import listed
from customers.models import Customer, ImportFile, SetAsideRow
from customers.visibility import is_limited, visible
from experiments.admin.report.words import whole
from predictions.admin.figures import cell
from predictions.models import ModelVersion

__all__ = ["Card", "of"]


@dataclass(frozen=True)
class Card:
    """One number; `variant` colours its mark, never alone: the words say the same."""

    title: str
    number: str
    note: str
    url: str
    icon: str
    variant: str = ""


def of(user: Any) -> list[Card]:
    """The cards that this user may see."""
    cards = (card(user) for permission, card in CARDS if user.has_perm(permission))
    return [card for card in cards if card is not None]


def _customers(user: Any) -> Card:
    n = visible(Customer.objects.all(), user, "pk").count()
    return Card(_("Customers"), whole(n), _("known to the system"), listed("customers_customer"), "badge")


def _champion(_user: Any) -> Card:
    title, icon = _("Champion's ROC AUC"), "military_tech"
    model = ModelVersion.objects.filter(role=ModelVersion.Role.CHAMPION).first()
    if model is None:
        return Card(title, "–", _("no model yet: the daily job makes one"), listed("predictions_modelversion"), icon)
    url = reverse("admin:predictions_modelversion_change", args=[model.pk])
    auc = cell((model.metrics.get("roc_auc") or {}).get("value"))
    return Card(title, auc, model.version, url, icon, "warning" if model.warnings else "")


def _set_aside(user: Any) -> Card | None:
    """Rows to be mended; they name customers in a way that no limit can follow."""
    if is_limited(user):
        return None
    n = SetAsideRow.objects.filter(resolved_at=None, is_waiting=False).count()
    file = ImportFile.objects.order_by("-created_at").first()
    facts = {"file": file.name, "state": file.get_state_display()} if file else {}
    note = _("latest import: %(file)s, %(state)s") % facts if file else _("nothing was imported yet")
    url = listed("customers_setasiderow", state="open")
    return Card(_("Rows to be mended"), whole(n), note, url, "rule", "warning" if n else "")


CARDS: tuple[tuple[str, Callable[[Any], Card | None]], ...] = (
    ("customers.view_customer", _customers),
    ("predictions.view_modelversion", _champion),
    ("customers.view_setasiderow", _set_aside),
)
