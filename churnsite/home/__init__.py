"""The home page: how things stand, answered in ten seconds, each number with the list behind it.

Figures of all customers are those that were kept (`predictions.figures`); a user who is limited to some customers gets
counts of these. What a user may not see is left out.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from churnsite.home import calls, cards, course, health, night, risk, running
from churnsite.home.days import Days
from churnsite.home.links import by_value
from customers.clock import business_date, business_now
from customers.models import Customer

__all__ = ["home"]


def home(request: HttpRequest) -> dict[str, Any]:
    """What the template shows; a part is None where this user may not see it."""
    may, user, today = request.user.has_perm, request.user, business_date()
    sees_risk = may("predictions.view_prediction")
    scored = Days.of(user) if sees_risk else None
    return {
        "today": today,
        "days": scored,
        "is_unscored": sees_risk and scored is None,
        "is_empty": not Customer.objects.exists(),
        "upload_url": reverse("admin:customers_importfile_add") if may("customers.add_importfile") else "",
        "night": night.told(now=business_now()) if may("customers.view_run") else None,
        "tiles": risk.tiles(scored, by_value=by_value(request)) if scored else [],
        "levels": risk.levels(scored) if scored else [],
        "distribution": risk.distribution(scored) if scored else "",
        "calls": calls.first(scored, user=user, on=today) if scored else None,
        "course": course.of(scored) if scored else None,
        "experiments": running.of(user, today=today) if may("experiments.view_experiment") else None,
        "health": health.of(user) if may("healthscore.view_healthscore") else None,
        "cards": cards.of(user),
    }
