"""What pages and commands do without until they need it, and workers have from the start."""

import json
import os
import subprocess
import sys

LOADED = """
import json, sys, django
django.setup()
from django.core.checks import run_checks
run_checks()
{more}
print(json.dumps(sorted({{"sklearn", "lightgbm", "scipy.stats", "pandas"}} & set(sys.modules))))
"""
WORKER = "from celery.signals import worker_init; worker_init.send(None)"


def loaded(more: str = "") -> list[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "churnsite.settings", "DEBUG": "1", "ENV_FILE": os.devnull}
    command = [sys.executable, "-c", LOADED.format(more=more)]
    found: list[str] = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
    return found


def test_nothing_of_learning_is_loaded_before_something_learns():
    """The libraries take more than a second and 100 MB of every process."""
    assert loaded() == []


def test_a_worker_loads_it_once_before_it_has_children():
    assert {"sklearn", "lightgbm"} <= set(loaded(WORKER))
