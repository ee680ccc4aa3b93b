"""What `serve` runs: the site, and where there is no Redis its queue and schedule in the same process.

An upload is then read by a thread beside the one that answers the browser. The broker is memory, so there is one
process, and what was queued when it ends is gone; the rows it was about are still waiting, and the daily job's first
step takes them.
"""

import os
import threading
from contextlib import suppress

from celery import Celery
from celery.beat import EmbeddedService
from django.conf import settings

from churnsite.queue import app
from churnsite.wsgi import application as site

N_THREADS = 2
POLL_SECONDS = 0.02


def start_queue(app: Celery) -> None:
    """A worker of threads and a beat, both of which end with the process."""
    app.conf.update(
        task_always_eager=False,
        task_ignore_result=True,
        broker_url="memory://localhost/",
        broker_transport_options={"polling_interval": POLL_SECONDS},
    )
    worker = app.WorkController(
        app=app,
        pool="threads",
        concurrency=N_THREADS,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        loglevel="WARNING",
    )
    threading.Thread(target=worker.start, daemon=True, name="queue").start()
    beat = EmbeddedService(app, thread=True, scheduler_cls="django_celery_beat.schedulers:DatabaseScheduler")
    beat.daemon = True
    beat.start()


def leave_terminal_group() -> None:
    """Ctrl-C goes to a terminal's whole group, and the server then ends this process too: twice is once too often."""
    with suppress(OSError):
        os.setpgid(0, 0)


leave_terminal_group()
if not settings.REDIS_URL:
    start_queue(app)
application = site
