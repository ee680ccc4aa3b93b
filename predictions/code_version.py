"""Which code made a model: the project's version and a hash of the source that decides its numbers."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path

from django.conf import settings

__all__ = ["code_version"]

FOLDERS = ("predictions/features", "predictions/modelling")


@cache
def code_version() -> str:
    """As in 0.1.0+3f2a91c04b7d."""
    base = Path(settings.BASE_DIR)
    project = tomllib.loads((base / "pyproject.toml").read_text())["project"]
    digest = hashlib.sha256()
    for path in sorted(path for folder in FOLDERS for path in (base / folder).rglob("*.py")):
        digest.update(path.relative_to(base).as_posix().encode() + path.read_bytes())
    return f"{project['version']}+{digest.hexdigest()[:12]}"
