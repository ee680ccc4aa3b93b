from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperimentsConfig(AppConfig):
    name = "experiments"
    verbose_name = _("Experiments")

    def ready(self) -> None:
        from experiments import beside  # models are ready by now
        from predictions import latest

        latest.beside(beside.TREATMENT)
