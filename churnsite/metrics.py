"""Figures for Prometheus: requests by route, and how the business stands; no name, no customer, no address as typed.

In one process the figures are of that process; where several share a port, PROMETHEUS_MULTIPROC_DIR names a folder in
which they add theirs up (see the client library's documentation on multiprocess mode).
"""

import hmac
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from customers.models import Delivery, Job, Run, SetAsideRow
from customers.models.runs import State
from customers.webhooks import due

__all__ = ["Business", "counted", "metrics"]

LOCAL = {"127.0.0.1", "::1"}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
SECONDS = Histogram("shanjiaxia_request_seconds", "Time to answer", ("route", "method", "status"), buckets=BUCKETS)


def counted(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: how long each route took; the route is the pattern of the address, never the address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = get_response(request)
        route = request.resolver_match.route if request.resolver_match else "none"
        method = request.method if request.method in _METHODS else "other"
        SECONDS.labels(route, method, response.status_code).observe(time.perf_counter() - begun)
        return response

    return middleware


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Business(Collector):
    """How things stand in the database, asked when the figures are fetched; each question is answered by an index."""

    def describe(self) -> Iterator[Any]:
        """Nothing is asked of the database before it is wanted."""
        return iter(())

    def collect(self) -> Iterator[Any]:
        yield from (_daily_run(), _jobs(), _deliveries(), _set_aside())


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For this machine, and for whoever sends METRICS_TOKEN."""
    if not _may_read(request):
        return HttpResponseForbidden("Send METRICS_TOKEN as a bearer token.\n", content_type="text/plain")
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    business = CollectorRegistry()
    business.register(Business())
    return HttpResponse(generate_latest(registry) + generate_latest(business), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and hmac.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode()):
        return True
    behind_proxy = settings.BEHIND_PROXY or "HTTP_X_FORWARDED_FOR" in request.META
    return not behind_proxy and request.META.get("REMOTE_ADDR") in LOCAL


def _daily_run() -> GaugeMetricFamily:
    family = GaugeMetricFamily("shanjiaxia_last_daily_run_seconds", "Since the last daily run was done")
    last = Run.objects.filter(kind=Run.Kind.DAILY, state=State.DONE).order_by("-as_of").first()
    if last is not None and last.ended_at is not None:
        family.add_metric([], (timezone.now() - last.ended_at).total_seconds())
    return family


def _jobs() -> GaugeMetricFamily:
    family = GaugeMetricFamily("shanjiaxia_jobs", "Jobs that wait or run", labels=["state"])
    open_jobs = Job.objects.filter(state__in=[State.WAITING, State.RUNNING]).order_by()
    found = dict(open_jobs.values_list("state").annotate(Count("pk")))
    for state in (State.WAITING, State.RUNNING):
        family.add_metric([state.value], found.get(state.value, 0))
    return family


def _deliveries() -> GaugeMetricFamily:
    family = GaugeMetricFamily("shanjiaxia_deliveries_waiting", "Deliveries to webhooks", labels=["due"])
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).count()
    n_due = due(now=timezone.now()).count()
    family.add_metric(["now"], n_due)
    family.add_metric(["later"], max(0, waiting - n_due))
    return family


def _set_aside() -> GaugeMetricFamily:
    family = GaugeMetricFamily("shanjiaxia_rows_waiting", "Rows set aside that wait for their customer")
    family.add_metric([], SetAsideRow.objects.filter(is_waiting=True, resolved_at=None).count())
    return family
