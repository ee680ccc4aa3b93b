"""Names for people: of the tables and columns, as the models have them."""

from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Interaction, Transaction

_TABLES = {"customers": _("customers"), "transactions": _("transactions"), "interactions": _("interactions")}
_OWN = {"amount_cents": _("amount"), "purchases": _("purchases of a customer"), "age": _("days since registration")}
_MODELS: tuple[type[Model], ...] = (Customer, Transaction, Interaction)
_FIELDS: dict[str, Any] = {
    field.name: field.verbose_name for model in _MODELS for field in model._meta.fields if field.name != "id"
}


def table_name(table: str) -> str | Promise:
    return _TABLES[table]


def column_name(column: str) -> str | Promise:
    found: str | Promise = _OWN.get(column) or _FIELDS.get(column, column)
    return found
