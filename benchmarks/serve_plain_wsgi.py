"""The first rival as a WSGI application."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.serve_plain"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
