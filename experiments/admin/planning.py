"""The plan of an experiment as a page: what it needs, how long that takes, what can be seen by when."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import charts
from customers.admin.labels import drawn
from customers.clock import business_date
from customers.commands import Refused
from experiments.admin.report.words import percent, whole
from experiments.models import Experiment

__all__ = ["plan_page"]


class ByForm(forms.Form):
    """Another end of enrolment to look at."""

    by = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}), label=gettext_lazy("Enrolment up to"), required=False
    )


def plan_page(page: ModelAdmin, request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """`?by=` asks for another date than the end of the experiment."""
    form = ByForm(request.GET or None)
    by = form.cleaned_data["by"] if form.is_valid() else None
    context = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "title": _("Plan: %(name)s") % {"name": experiment},
        "experiment": experiment,
        "form": form,
        **_planned(experiment, by),
    }
    return TemplateResponse(request, "admin/experiments/plan.html", context)


def _planned(experiment: Experiment, by: dt.date | None) -> dict[str, Any]:
    from experiments.planner import plan  # scipy, which only this page needs

    try:
        found = plan(experiment, on=business_date(), by=by)
    except Refused as refusal:
        return {"refusal": str(refusal)}
    return {
        "plan": found,
        "lead": _lead(found),
        "cards": _cards(found),
        "needed_arms": [(name, whole(n)) for name, n in found.needed.arms.items()] if found.needed else [],
        "chart": _chart(found),
    }


def _lead(plan: Any) -> str:
    """The answer in a sentence."""
    needed, assumed = plan.needed, plan.assumed
    if needed is None:
        return _("With what is known today no sample can be named.")
    texts = {"n": whole(needed.enrolled), "effect": percent(assumed.effect), "power": percent(assumed.power, digits=0)}
    if needed.enrolled_on is None:
        return (
            _("%(n)s customers are needed to find an effect of %(effect)s in %(power)s of cases; they do not come.")
            % texts
        )
    return _(
        "%(n)s customers are needed to find an effect of %(effect)s in %(power)s of cases. They are in by %(in)s, and "
        "their outcomes are known by %(known)s."
    ) % {**texts, "in": date_format(needed.enrolled_on), "known": date_format(needed.known_on)}


def _cards(plan: Any) -> list[tuple[str, str, str]]:
    """Title, number, note."""
    assumed, at_end = plan.assumed, plan.at_end
    daily = "–" if assumed.daily is None else f"{assumed.daily:,.1f}"
    return [
        (_("Eligible today"), whole(assumed.stock), _("can be enrolled at once")),
        (_("New each day"), daily, _("meet the filter for the first time, over the last two weeks")),
        (_("Enrolled so far"), whole(assumed.enrolled), ""),
        (_("Expected to leave"), percent(assumed.base_rate), _("without the measure, by the model")),
        (
            _("Smallest effect to be seen"),
            percent(at_end.effect),
            _("with the %(n)s enrolled by %(day)s") % {"n": whole(at_end.enrolled), "day": date_format(at_end.on)},
        ),
    ]


def _chart(plan: Any) -> str:
    points = [point for point in plan.points if point.effect is not None]
    if len(points) < 2:
        return ""
    title = _("Smallest effect that can be seen, by date")
    series = {_("can be seen"): ([point.on for point in points], [point.effect for point in points])}
    levels = {_("worth seeing"): plan.assumed.effect}
    return drawn(charts.line(series, title=title, y_label=_("kept by the measure"), levels=levels, percent=True))
