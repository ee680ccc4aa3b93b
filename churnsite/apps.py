"""Which admin site and which app configuration Django takes."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class AdminConfig(DjangoAdminConfig):
    default_site = "churnsite.site.Site"


class SiteConfig(AppConfig):
    name = "churnsite"
    verbose_name = _("Site")

    def ready(self) -> None:
        from churnsite import checks  # noqa: F401 - registers them
