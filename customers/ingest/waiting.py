"""Uploads that wait to be loaded, each claimed by one worker, and rows whose customers or deals came."""

import datetime as dt
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from customers.commands import Advance
from customers.ingest import quarantine
from customers.ingest.load import load_into
from customers.ingest.report import FileReport
from customers.models import ImportFile

# A chunk takes seconds; who has not been heard of for so long is dead.
SILENCE = dt.timedelta(minutes=30)
_ORDER = ("customers",)


def process_waiting(*, advance: Advance | None = None) -> dict[str, int]:
    """Load every waiting upload, customers first, then the rows whose customers came; the counts of it all."""
    reports = []
    for pk in _waiting():
        if report := load_upload(pk, advance=advance):
            reports.append(report)
    return {
        "files": len(reports),
        "refused": sum(bool(report.refused) for report in reports),
        "read": sum(report.read for report in reports),
        "added": sum(report.added for report in reports),
        "updated": sum(report.updated for report in reports),
        "unchanged": sum(report.unchanged for report in reports),
        "set_aside": sum(report.set_aside for report in reports),
        "released": quarantine.release() + quarantine.release_by_deal(),
    }


def load_upload(pk: int, *, advance: Advance | None = None) -> FileReport | None:
    """Load one waiting upload, unless another worker has it."""
    if not _claim(pk):
        return None
    file = ImportFile.objects.select_related("profile").get(pk=pk)
    return load_into(file, path=Path(file.upload.path), advance=advance or Advance())


def _ready() -> Q:
    dead = Q(state=ImportFile.State.RUNNING, heartbeat_at__lt=timezone.now() - SILENCE)
    return (Q(state=ImportFile.State.WAITING) | dead) & ~Q(upload="")


def _waiting() -> list[int]:
    files = ImportFile.objects.filter(_ready()).values_list("pk", "kind", "created_at")
    return [pk for pk, *_rest in sorted(files, key=lambda file: (file[1] not in _ORDER, file[1] == "links", file[2]))]


def _claim(pk: int) -> bool:
    """Take a file in one statement, which one worker alone can win; what a dead one counted is counted anew."""
    now = timezone.now()
    n = ImportFile.objects.filter(_ready(), pk=pk).update(
        state=ImportFile.State.RUNNING,
        started_at=now,
        heartbeat_at=now,
        message="",
        n_read=0,
        n_added=0,
        n_updated=0,
        n_unchanged=0,
        n_set_aside=0,
    )
    return n == 1
