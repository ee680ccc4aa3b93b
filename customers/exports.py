"""Every list that leaves as a file goes this way: small ones at once, large ones as a job, each noted in the audit log.

A table is a name, a header and rows. What it is allowed to hold (whom the user may see, whom the boundary lets out) is
decided by who makes the rows, before.
"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from customers import audit
from customers.clock import business_date
from customers.models import Job
from customers.spreadsheet import Format, csv_lines, write

__all__ = ["KEPT", "Table", "download", "fetched", "folder", "path_of", "store", "sweep"]

KEPT = dt.timedelta(days=7)
EVENT = "export"


@dataclass(frozen=True, kw_only=True)
class Table:
    """`name` is the file's, without an end; `outlet` is how the audit log calls it."""

    name: str
    outlet: str
    header: Sequence[Any]
    rows: Callable[[], Iterable[Iterable[Any]]]
    n_rows: int


def download(table: Table, kind: Format) -> HttpResponseBase:
    """The file, now."""
    note(table, kind)
    if kind is Format.CSV:
        # Made before it is sent: what personal data it may show is known as long as the request is at work.
        lines = list(csv_lines(table.header, table.rows()))
        response = StreamingHttpResponse(iter(lines), content_type=kind.content_type)
        response["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
        return response
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / f"{table.name}.{kind}"
        write(made, kind, table.header, table.rows())
        file = made.open("rb")  # stays readable once its name is gone; the response closes it
    return FileResponse(file, as_attachment=True, filename=made.name, content_type=kind.content_type)


def store(table: Table, kind: Format, job: Job) -> int:
    """Write the file of a job under DATA_DIR, whole or not at all; returns the rows."""
    target = folder() / f"{job.pk}.{kind}"
    partial = target.with_name(f".{target.name}")
    try:
        n_rows = write(partial, kind, table.header, table.rows())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    path = str(target.relative_to(settings.DATA_DIR))
    Job.objects.filter(pk=job.pk).update(path=path, expires_at=timezone.now() + KEPT)
    note(table, kind, n_rows=n_rows, job=job)
    return n_rows


def note(table: Table, kind: Format, *, n_rows: int | None = None, job: Job | None = None) -> None:
    """Keep who took what, without what it says."""
    facts = {"what": table.outlet, "format": str(kind), "rows": table.n_rows if n_rows is None else n_rows}
    audit.note(EVENT, subject=job, facts=facts)


def folder() -> Path:
    """Where the files are."""
    place = Path(settings.DATA_DIR) / "exports"
    place.mkdir(parents=True, exist_ok=True)
    return place


def path_of(job: Job) -> Path | None:
    """The file of a job that may still be fetched; None where it made none, or it has expired.

    A list that says whom to treat holds on the day that it was made: tomorrow others may be held back.
    """
    if not job.path or job.expires_at is None or job.expires_at <= timezone.now():
        return None
    if _result(job).get("treats") and _result(job).get("on") != business_date().isoformat():
        return None
    found = Path(settings.DATA_DIR) / job.path
    return found if found.is_file() else None


def fetched(job: Job, path: Path) -> FileResponse:
    """The file of a job as a download; that it was fetched is noted. Raises FileNotFoundError where it is gone."""
    file = path.open("rb")
    audit.note("export fetched", subject=job, facts={"what": job.arguments.get("page", job.kind)})
    name = _result(job).get("name") or f"{job.kind.rpartition('.')[2]}{path.suffix}"
    return FileResponse(file, as_attachment=True, filename=name)


def _result(job: Job) -> dict[str, Any]:
    return job.result if isinstance(job.result, dict) else {}


def sweep(*, dry_run: bool = False) -> int:
    """Delete the files that have expired; returns how many."""
    expired = list(Job.objects.filter(expires_at__lte=timezone.now()).exclude(path=""))
    if not dry_run:
        for job in expired:
            (Path(settings.DATA_DIR) / job.path).unlink(missing_ok=True)
            Job.objects.filter(pk=job.pk).update(path="")
    return len(expired)
