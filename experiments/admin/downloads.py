"""The lists of whom to treat as files: at once, or above the limit made by a job, as every other export."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from customers.admin.exporting import NOT_YOURS, ask_for_file, is_large, offer
from customers.clock import business_date
from customers.commands import Refused
from customers.exports import Table
from customers.spreadsheet import Format
from customers.visibility import visible
from experiments import lists, uplift_lists
from experiments.models import Experiment, UpliftStudy

__all__ = ["treatments", "uplift"]


def treatments(
    page: ModelAdmin, request: HttpRequest, experiment: Experiment, *, on: dt.date | None, kind: Format
) -> HttpResponseBase:
    """Of the date `on`, or everybody who is still to be treated."""
    today, user = business_date(), request.user
    if is_large(visible(lists.treatments(experiment, on=on, today=today), user)):
        query = urlencode({"pk": experiment.pk, **({"on": on} if on else {})})
        return ask_for_file(page, request, name=lists.EXPORT, query=query, kind=kind)
    return lists.export(experiment, user=user, on=on, today=today, kind=kind)


def uplift(page: ModelAdmin, request: HttpRequest, study: UpliftStudy, *, kind: Format) -> HttpResponseBase:
    """Of the latest date that has a list."""
    today, user, on = business_date(), request.user, _last(study)
    if is_large(visible(uplift_lists.treatments(study, on=on, today=today), user)):
        query = urlencode({"pk": study.pk, "on": on})
        return ask_for_file(page, request, name=uplift_lists.EXPORT, query=query, kind=kind)
    return uplift_lists.export(study, user=user, on=on, today=today, kind=kind)


def _last(study: UpliftStudy) -> dt.date:
    last = study.listings.order_by("-listed_on").values_list("listed_on", flat=True).first()
    return last or business_date()


def _treatments(user: Any, asked: QueryDict) -> Table:
    found = Experiment.objects.filter(pk=str(asked["pk"])).first()
    if found is None or not user.has_perms(("experiments.view_experiment", "experiments.view_listing")):
        raise Refused(str(NOT_YOURS))
    return lists.table(found, user=user, on=_day(asked), today=business_date())


def _uplift(user: Any, asked: QueryDict) -> Table:
    found, on = UpliftStudy.objects.filter(pk=str(asked["pk"])).first(), _day(asked)
    if found is None or on is None or not user.has_perm("experiments.view_upliftstudy"):
        raise Refused(str(NOT_YOURS))
    return uplift_lists.table(found, user=user, on=on, today=business_date())


def _day(asked: QueryDict) -> dt.date | None:
    return dt.date.fromisoformat(str(asked["on"])) if "on" in asked else None


offer(lists.EXPORT, _treatments)
offer(uplift_lists.EXPORT, _uplift)
