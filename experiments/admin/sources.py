"""Experiments by name where customers are held back by them."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html

from customers.admin import held
from experiments.models import Experiment

__all__ = ["named"]


def named(sources: set[str], user: Any) -> dict[str, Any]:
    """The experiments of some sources; a link for whom may see them."""
    pks = [int(number) for word, _space, number in (one.partition(" ") for one in sources) if _is_ours(word, number)]
    may_see = user.has_perm("experiments.view_experiment")
    return {one.source: _link(one) if may_see else one.name for one in Experiment.objects.filter(pk__in=pks)}


def _is_ours(word: str, number: str) -> bool:
    return word == "experiment" and number.isascii() and number.isdigit()


def _link(experiment: Experiment) -> Any:
    url = reverse("admin:experiments_experiment_change", args=[experiment.pk])
    return format_html('<a class="text-link" href="{}">{}</a>', url, experiment.name)


held.name_sources(named)
