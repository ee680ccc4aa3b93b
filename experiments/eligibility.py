"""Who may be enrolled on a date: those with a score of that date who meet the filter and whom nothing holds back."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from customers import boundary
from experiments.attributes import condition_of
from experiments.models import Assignment, Experiment
from predictions.models import Prediction

__all__ = ["eligible", "matching", "meeting"]


def eligible(experiment: Experiment, *, as_of: dt.date) -> QuerySet[Prediction]:
    """The predictions of `as_of` whose customers can be enrolled now.

    Left out is who does not meet the experiment's filter, was enrolled in it before, is in another running experiment
    of its layer, opted out, unsubscribed, or is in the control group of any experiment on that date.
    """
    mine = Assignment.objects.filter(experiment=experiment, customer=OuterRef("customer"))
    of_layer = Assignment.objects.filter(layer=experiment.layer, is_current=True, customer=OuterRef("customer"))
    free = boundary.treatable(matching(experiment, as_of=as_of), on=as_of)
    return free.exclude(Exists(mine)).exclude(Exists(of_layer))


def matching(experiment: Experiment, *, as_of: dt.date) -> QuerySet[Prediction]:
    """The predictions of `as_of` that meet the experiment's filter, enrolled and held customers among them.

    Raises Refused for a condition on an unknown attribute.
    """
    return meeting(experiment).filter(as_of=as_of)


def meeting(experiment: Experiment) -> QuerySet[Prediction]:
    """The same of every date."""
    wanted = Q()
    if experiment.min_probability is not None:
        wanted &= Q(probability__gte=experiment.min_probability)
    if experiment.risk_levels:
        wanted &= Q(risk_level__in=experiment.risk_levels)
    for one in experiment.conditions.all():
        wanted &= condition_of(attribute=one.attribute, operator=one.operator, values=one.values, customer="customer__")
    return Prediction.objects.filter(wanted)
