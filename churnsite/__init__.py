"""The site: settings, queue, URLs, admin, and the daily job that strings the apps together."""

from churnsite.queue import app as celery_app

__all__ = ["celery_app"]
