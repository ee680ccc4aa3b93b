from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthscoreConfig(AppConfig):
    name = "healthscore"
    verbose_name = _("Health score")

    def ready(self) -> None:
        from healthscore import beside, retention  # models are ready by now
        from predictions import latest

        retention.declare()
        latest.beside(beside.HEALTH)
