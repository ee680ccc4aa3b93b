"""What a draft may be: its rules, each with the field that breaks it, and how it is written.

The form, the API and the check before the start ask here. The database holds the bounds of single fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers.commands import Refused
from experiments.attributes import condition_of
from experiments.models import Arm, Condition, Experiment

__all__ = [
    "SETTINGS",
    "against_arms",
    "against_condition",
    "against_names",
    "against_settings",
    "against_share",
    "against_shares",
    "proposed_arms",
    "write",
]

SETTINGS = (
    *("name", "hypothesis", "starts_on", "ends_on", "min_probability", "risk_levels", "layer"),
    *("observation_days", "secondary_metrics", "guardrail_metrics", "significance", "power"),
    *("smallest_effect", "treatment_cost", "value_source", "value", "is_stratified", "strata"),
    "daily_capacity",
)
LEAST_CONTROL, MOST_CONTROL = Decimal("0.01"), Decimal("0.99")


def against_settings(given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong between the fields of an experiment, a sentence by field; what is not given is not judged."""
    wrong = {}
    starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        wrong["ends_on"] = _("The end date lies before the start date.")
    if given.get("value_source") == Experiment.Value.FIXED and given.get("value", 0) is None:
        wrong["value"] = _("Give the value of a kept customer, or take each customer's own.")
    if given.get("is_stratified") and not given.get("strata"):
        wrong["strata"] = _("Tick what makes a stratum, or leave the experiment unstratified.")
    return wrong


def against_arms(arms: Sequence[tuple[bool, Decimal]]) -> list[str]:
    """What is wrong with arms, given as whether it is the control group and its share: a sentence each."""
    n_control = sum(is_control for is_control, _share in arms)
    reasons = []
    if n_control != 1:
        reasons.append(_("An experiment needs one control group."))
    if len(arms) - n_control < 1:
        reasons.append(_("An experiment needs at least one arm that gets a measure."))
    return reasons + [sentence for one in arms if (sentence := against_share(*one))][:1]


def against_share(is_control: bool, share: Decimal) -> str:
    """What is wrong with the share of one arm; empty where nothing is."""
    if is_control and not LEAST_CONTROL <= share <= MOST_CONTROL:
        return _("The control group needs a share of 1 % to 99 %.")
    return ""


def against_shares(shares: Iterable[Decimal]) -> list[str]:
    """Whether shares from 0 to 1 make up the whole; no shares are no mistake of theirs."""
    shares = list(shares)
    total = sum(shares, Decimal(0))
    if shares and total != 1:
        return [_("The shares add up to %(total)s, not to 1.") % {"total": f"{total.normalize():f}"}]
    return []


def against_names(names: Sequence[str]) -> list[str]:
    """Whether arms can be told apart."""
    return [_("Two arms have the same name.")] if len(set(names)) < len(names) else []


def against_condition(*, attribute: str, operator: str, values: Sequence[Any]) -> str:
    """What is wrong with a condition; empty where nothing is."""
    try:
        condition_of(attribute=attribute, operator=operator, values=values)
    except Refused as refusal:
        return str(refusal)
    return ""


def proposed_arms() -> list[dict[str, Any]]:
    """The arms of an experiment of which nothing else is said."""
    return [
        {"name": _("control group"), "is_control": True, "share": Decimal("0.10")},
        {"name": _("treatment"), "is_control": False, "share": Decimal("0.90")},
    ]


@transaction.atomic
def write(experiment: Experiment, given: Mapping[str, Any]) -> None:
    """Store checked settings of a draft; `arms` and `conditions`, where given, take the place of those it had.

    The control group stands first, the others in their order.
    """
    for name in SETTINGS:
        if name in given:
            setattr(experiment, name, given[name])
    experiment.save()
    if "arms" in given:
        experiment.arms.all().delete()
        arms = sorted(given["arms"], key=lambda arm: not arm["is_control"])
        Arm.objects.bulk_create(Arm(experiment=experiment, position=place, **arm) for place, arm in enumerate(arms))
    if "conditions" in given:
        experiment.conditions.all().delete()
        Condition.objects.bulk_create(Condition(experiment=experiment, **one) for one in given["conditions"])
