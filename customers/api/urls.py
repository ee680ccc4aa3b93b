"""Addresses under /api/v1/.

A customer's ID may hold slashes, so that `customers/<customer_id>/` takes everything below customers/: it stands behind
every other address, also those of the apps above.
"""

from django.urls import path

from customers.api import addresses  # noqa: F401 - registers the converter
from customers.api.bulk import ENDPOINTS
from customers.api.customers import CustomerDetail, Customers
from customers.api.jobs import JobDetail
from customers.api.timeline import Timeline
from customers.api.webhooks import WebhookDetail, Webhooks

urlpatterns = [
    path("jobs/<uuid:id>/", JobDetail.as_view(), name="job"),
    path("webhooks/", Webhooks.as_view(), name="webhooks"),
    path("webhooks/<uuid:id>/", WebhookDetail.as_view(), name="webhook"),
    *(path(f"{kind}/bulk/", endpoint.as_view(), name=f"{kind}_bulk") for kind, endpoint in ENDPOINTS.items()),
    path("customers/", Customers.as_view(), name="customers"),
    path("customers/<customer:customer_id>/timeline/", Timeline.as_view(), name="timeline"),
    path("customers/<customer:customer_id>/", CustomerDetail.as_view(), name="customer"),
]
