"""Writes docs/data-dictionary.md and its Chinese sister from the models."""

from typing import Any

from churnsite.dictionary import write
from customers import commands


class Command(commands.Command):
    help = "Write the data dictionary of the docs, in English and in Chinese, from the models' own texts."

    def run(self, *, advance: commands.Advance, **options: Any) -> dict[str, Any]:
        return {"files": [str(path) for path in write()]}
