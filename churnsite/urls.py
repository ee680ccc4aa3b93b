"""URLs of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from churnsite import metrics, probes

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("healthz", probes.alive, name="healthz"),
    path("readyz", probes.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/v1/", include(("churnsite.api.urls", "api"))),
]

handler400 = "churnsite.failures.bad_request"
handler403 = "churnsite.failures.not_allowed"
handler404 = "churnsite.failures.not_found"
handler500 = "churnsite.failures.server_error"
