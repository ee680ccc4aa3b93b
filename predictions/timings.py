"""Seconds by stage, over processes: a clock that can be put down in a folder and taken up by another process."""

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone


@dataclass(frozen=True)
class Clock:
    """When the work began, and how long each of its stages took."""

    started_at: dt.datetime = field(default_factory=timezone.now)
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Clock":
        given = json.loads((folder / "clock.json").read_text())
        return cls(dt.datetime.fromisoformat(given["started_at"]), given["seconds"])

    def save(self, folder: Path) -> None:
        document = {"started_at": self.started_at.isoformat(), "seconds": self.seconds}
        (folder / "clock.json").write_text(json.dumps(document))

    def mark(self, stage: str) -> None:
        """A stage ends here that began where the one before it ended."""
        passed = (timezone.now() - self.started_at).total_seconds()
        self.seconds[stage] = round(passed - sum(self.seconds.values()), 3)
