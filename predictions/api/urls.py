"""Addresses under /api/v1/."""

from django.urls import path

from customers.api import addresses  # noqa: F401 - registers the converter
from predictions.api.predictions import Day, History, LatestPrediction, Lookup

urlpatterns = [
    path("predictions/", Day.as_view(), name="predictions"),
    path("predictions/lookup/", Lookup.as_view(), name="predictions_lookup"),
    path("customers/<customer:customer_id>/prediction/", LatestPrediction.as_view(), name="prediction"),
    path("customers/<customer:customer_id>/predictions/", History.as_view(), name="prediction_history"),
]
