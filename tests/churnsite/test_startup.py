"""What pages, commands and workers do without until they need it."""

import os
import subprocess
import sys

SCRIPT = """
import sys, django
django.setup()
from django.core.checks import run_checks
run_checks()
print(sorted({"sklearn", "lightgbm", "scipy.stats", "pandas"} & set(sys.modules)))
"""


def test_nothing_of_learning_is_loaded_before_something_learns():
    """The libraries take more than a second and 100 MB of every process."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "churnsite.settings", "DEBUG": "1", "ENV_FILE": os.devnull}
    command = [sys.executable, "-c", SCRIPT]
    assert subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip() == "[]"
