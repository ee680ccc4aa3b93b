"""The first rival: REST framework as its tutorial has it, with ModelSerializer and TokenAuthentication.

A settings module, and the views and addresses that go with it.
"""

import django
from django.urls import path

from churnsite.settings import *  # noqa: F403
from churnsite.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [*OURS, "rest_framework.authtoken"]
ROOT_URLCONF = "benchmarks.serve_plain"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}


def addresses():
    from django.db.models import Q
    from rest_framework import generics, pagination, serializers

    from benchmarks.shop import AS_OF
    from customers.models import Hold
    from healthscore.models import HealthScore
    from predictions.models import Prediction

    class HealthSerializer(serializers.ModelSerializer):
        class Meta:
            model = HealthScore
            fields = ("as_of", "score", "grade")

    class HoldSerializer(serializers.ModelSerializer):
        class Meta:
            model = Hold
            fields = ("kind", "source", "until")

    class PredictionSerializer(serializers.ModelSerializer):
        customer_id = serializers.CharField(source="customer.customer_id")
        model_version = serializers.CharField(source="model.version")

        class Meta:
            model = Prediction
            fields = (
                *("customer_id", "as_of", "probability", "risk_level", "lifecycle_stage", "main_reason", "reasons"),
                *("monthly_value", "model_version"),
            )

    class WholeSerializer(PredictionSerializer):
        health_score = serializers.SerializerMethodField()
        held_back = serializers.SerializerMethodField()

        class Meta(PredictionSerializer.Meta):
            fields = (*PredictionSerializer.Meta.fields, "health_score", "held_back")

        def get_health_score(self, row):
            return HealthSerializer(row.customer.health_scores.order_by("-as_of").first()).data

        def get_held_back(self, row):
            holds = row.customer.holds.filter(Q(until=None) | Q(until__gt=AS_OF), since__lte=AS_OF)
            return HoldSerializer(holds.first()).data

    class Latest(generics.RetrieveAPIView):
        serializer_class = WholeSerializer

        def get_object(self):
            rows = Prediction.objects.select_related("customer", "model")
            return rows.filter(customer__customer_id=self.kwargs["customer_id"]).order_by("-as_of")[0]

    class Page(pagination.CursorPagination):
        page_size, ordering = 50, ("-probability", "customer_id")

    class Day(generics.ListAPIView):
        serializer_class = PredictionSerializer
        pagination_class = Page
        queryset = Prediction.objects.filter(as_of=AS_OF).select_related("customer", "model")

    return [
        path("api/v1/customers/<str:customer_id>/prediction/", Latest.as_view()),
        path("api/v1/predictions/", Day.as_view()),
    ]


def __getattr__(name: str):
    """Views need models, and models need settings: the addresses are made when they are first wanted."""
    if name == "urlpatterns":
        globals()["urlpatterns"] = addresses()
        return globals()["urlpatterns"]
    if name == "application":
        from django.core.handlers.wsgi import WSGIHandler

        django.setup(set_prefix=False)
        globals()["application"] = WSGIHandler()
        return globals()["application"]
    raise AttributeError(name)
