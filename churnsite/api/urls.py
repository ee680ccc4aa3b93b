"""Every address of the API."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from churnsite.api import tokens
from churnsite.api.nowhere import Nowhere
from customers.rest.rules import PUBLIC


class Schema(SpectacularAPIView):
    """The description of the API, in OpenAPI 3."""

    rules = {"GET": PUBLIC}


class Docs(SpectacularSwaggerSplitView):
    """The description to read and try."""

    rules = {"GET": PUBLIC}


urlpatterns = [
    path("auth/token/", tokens.SignIn.as_view(), name="token"),
    path("auth/token/refresh/", tokens.SignOn.as_view(), name="token_refresh"),
    path("auth/token/revoke/", tokens.SignOut.as_view(), name="token_revoke"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(url_name="api:schema"), name="docs"),
    path("", include("experiments.api.urls")),
    path("", include("healthscore.api.urls")),
    path("", include("predictions.api.urls")),
    # Behind the others: an ID of a customer may hold anything, so that its address takes what no other does.
    path("", include("customers.api.urls")),
    re_path("", Nowhere.as_view()),
]
