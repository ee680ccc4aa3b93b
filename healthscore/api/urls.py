"""Addresses of the health score under /api/v1/."""

from django.urls import path

from customers.api import addresses  # noqa: F401 - registers the converter
from healthscore.api.scores import CustomerHealth, HealthScores, HealthSummary, LeftOut

urlpatterns = [
    path("health-scores/", HealthScores.as_view(), name="health_scores"),
    path("health-scores/summary/", HealthSummary.as_view(), name="health_summary"),
    path("health-scores/not-scored/", LeftOut.as_view(), name="health_not_scored"),
    path("customers/<customer:customer_id>/health/", CustomerHealth.as_view(), name="customer_health"),
]
