"""Which admin site and which app configuration Django takes."""

import sys

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _

# They need neither pages nor models nor the database, and should not wait until all that is loaded.
PAGELESS_COMMANDS = {"analyse_csv"}


class AdminConfig(DjangoAdminConfig):
    default_site = "churnsite.site.Site"

    def ready(self) -> None:
        if not PAGELESS_COMMANDS.intersection(sys.argv[1:2]):
            super().ready()


class SiteConfig(AppConfig):
    name = "churnsite"
    verbose_name = _("Site")

    def ready(self) -> None:
        from churnsite import checks  # noqa: F401 - registers them
