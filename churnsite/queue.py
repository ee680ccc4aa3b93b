"""The Celery application; tasks live in each app's `tasks.py`."""

import os
from contextlib import ExitStack
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, task_postrun, task_prerun, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churnsite.settings")

app = Celery("shanjiaxia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

QUEUED_BY = "queued_by"
_acting: dict[str, ExitStack] = {}


@worker_init.connect(weak=False)
def load_what_learns(**_signal: Any) -> None:
    """Pages do without these libraries; a worker's children share them with it, and none waits for them again."""
    from predictions.modelling import candidates  # noqa: F401


@before_task_publish.connect(weak=False)
def note_who_queues(headers: dict[str, Any], **_signal: Any) -> None:
    """A task acts for the user in whose request it was queued."""
    from customers import audit  # once the apps are there

    headers[QUEUED_BY] = audit.current().user_id


@task_prerun.connect(weak=False)
def begin_to_act(task_id: str, task: Any, **_signal: Any) -> None:
    """What a task writes is recorded as the task's."""
    from customers import audit

    _acting[task_id] = ExitStack()
    _acting[task_id].enter_context(audit.acting(user=_user(task), via="task", source=task.name))


@task_postrun.connect(weak=False)
def end_to_act(task_id: str, **_signal: Any) -> None:
    """The thread goes on to other tasks, of other people."""
    if found := _acting.pop(task_id, None):
        found.close()


def _user(task: Any) -> Any:
    """The user who queued it, looked up when something is written; None of the schedule, and of one run in place."""
    from django.contrib.auth import get_user_model
    from django.utils.functional import SimpleLazyObject

    key = (task.request.headers or {}).get(QUEUED_BY) or getattr(task.request, QUEUED_BY, None)
    return SimpleLazyObject(lambda: get_user_model().objects.filter(pk=key).first()) if key else None
