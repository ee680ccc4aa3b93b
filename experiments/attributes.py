"""The customer attributes that an experiment may choose by, a line each; eligibility, form and API read this list.

All that a customer has but the ID and the name, which tell one customer from another and no kind of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.commands import Refused
from customers.models import Customer

__all__ = ["ATTRIBUTES", "Attribute", "Operator", "condition_of"]


class Operator(models.TextChoices):
    IN = "in", gettext_lazy("one of")
    NOT_IN = "not_in", gettext_lazy("none of")
    AT_LEAST = "at_least", gettext_lazy("at least")
    AT_MOST = "at_most", gettext_lazy("at most")


@dataclass(frozen=True)
class Attribute:
    """A field of the customer; numbers and dates have an order, and with it bounds."""

    name: str
    is_ordered: bool = False

    @property
    def field(self) -> Any:
        return Customer._meta.get_field(self.name)

    @property
    def title(self) -> Any:
        return self.field.verbose_name


ATTRIBUTES = (
    Attribute("customer_type"),
    Attribute("region"),
    Attribute("age_group"),
    Attribute("gender"),
    Attribute("vip_level", is_ordered=True),
    Attribute("registration_channel"),
    Attribute("registered_on", is_ordered=True),
    Attribute("account_status"),
    Attribute("status_since", is_ordered=True),
    Attribute("referred_by"),
    Attribute("industry"),
    Attribute("company_size"),
    Attribute("contract_date", is_ordered=True),
    Attribute("contract_length_months", is_ordered=True),
    Attribute("payment_status"),
    Attribute("nps_score", is_ordered=True),
    Attribute("onboarding_completed"),
)
_BY_NAME = {attribute.name: attribute for attribute in ATTRIBUTES}


def condition_of(*, attribute: str, operator: str, values: Sequence[Any], customer: str = "") -> Q:
    """A condition as a filter; `customer` is the path to the customer, such as "customer__".

    Raises Refused for an unknown attribute, a bound on one without order, no value, or a value of the wrong kind.
    """
    known = _known(attribute, operator, values)
    wanted = [_value(known, value) for value in values]
    path = f"{customer}{attribute}"
    if operator == Operator.AT_LEAST:
        return Q(**{f"{path}__gte": wanted[0]})
    if operator == Operator.AT_MOST:
        return Q(**{f"{path}__lte": wanted[0]})
    among = Q(**{f"{path}__in": wanted})
    return among if operator == Operator.IN else ~among


def _known(attribute: str, operator: str, values: Sequence[Any]) -> Attribute:
    known = _BY_NAME.get(attribute)
    if known is None:
        raise Refused(_("“%(name)s” is no attribute that customers can be chosen by.") % {"name": attribute})
    if operator not in Operator.values:
        raise Refused(_("“%(name)s” is no comparison.") % {"name": operator})
    is_bound = operator in (Operator.AT_LEAST, Operator.AT_MOST)
    if is_bound and not known.is_ordered:
        raise Refused(_("%(title)s has no order, so it has no bound.") % {"title": known.title})
    if not values or (is_bound and len(values) != 1):
        raise Refused(_("%(title)s needs a value to be compared with.") % {"title": known.title})
    return known


def _value(attribute: Attribute, raw: Any) -> Any:
    field, text = attribute.field, str(raw).strip()
    wrong = Refused(_("“%(value)s” is no value of %(title)s.") % {"value": raw, "title": attribute.title})
    try:
        value = field.to_python(text.capitalize() if isinstance(field, models.BooleanField) else text)
    except Exception as error:
        raise wrong from error
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise wrong
    if field.choices and value not in dict(field.choices):
        raise wrong
    return value
