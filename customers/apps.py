import sys
from pathlib import Path

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers import audit  # models are ready by now
        from customers.audit import checks, connections, logins, triggers  # noqa: F401 - checks registers itself

        if Path(sys.argv[0]).name in ("manage.py", "django-admin"):
            audit.process(via="command", source=" ".join(sys.argv[1:2]))
        connection_created.connect(connections.prepare, dispatch_uid="audit")
        logins.connect()
        pre_migrate.connect(triggers.remove, sender=self, dispatch_uid="audit")
        post_migrate.connect(triggers.install, sender=self, dispatch_uid="audit")
