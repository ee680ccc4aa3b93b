"""A file in: read and checked whole, then loaded chunk by chunk."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from customers import audit
from customers.commands import Advance, Refused
from customers.ingest import quarantine
from customers.ingest.declare import Kind
from customers.ingest.kinds import KINDS
from customers.ingest.prepare import prepare
from customers.ingest.profiles import check, rules_for
from customers.ingest.read import Source, digest
from customers.ingest.repeats import Repeats
from customers.ingest.report import N_ERRORS, FileReport, errors_of, filed, refusal
from customers.ingest.setting_aside import same_bytes
from customers.ingest.spool import Spool
from customers.ingest.store import clock, store
from customers.ingest.values import Now
from customers.models import ImportFile, ImportProfile

State = ImportFile.State


@contextmanager
def rehearsal(*, dry_run: bool = True) -> Iterator[None]:
    """Undo at the end all that was written inside, where it is only a rehearsal."""
    if not dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def load_file(
    *,
    path: Path,
    kind: str,
    source: str = ImportFile.Source.COMMAND,
    name: str | None = None,
    profile: str | None = None,
    encoding: str | None = None,
    user: Any = None,
    dry_run: bool = False,
    advance: Advance | None = None,
) -> FileReport:
    """Load a file of one kind; a file that is refused whole is reported so, with nothing of it stored.

    Raises Refused for an unknown kind or profile. With `dry_run` everything is done, counted and undone.
    """
    rows_of = known_kind(kind)
    chosen = find_profile(profile) if profile else None
    with rehearsal(dry_run=dry_run):
        file = ImportFile.objects.create(
            name=(name or Path(path).name)[:255],
            kind=rows_of.name,
            source=source,
            profile=chosen,
            encoding=encoding or "",
            state=State.RUNNING,
            created_by=user,
            started_at=timezone.now(),
            heartbeat_at=timezone.now(),
        )
        return load_into(file, path=Path(path), advance=advance or Advance())


def load_into(file: ImportFile, *, path: Path, advance: Advance) -> FileReport:
    """Load a file into a record of it that is running; its state says in the end what came of it."""
    user = SimpleLazyObject(lambda: file.created_by) if file.created_by_id else None
    with audit.acting(user=user, via="import", source=f"import {file.pk}"):
        return _load_or_end(file, path=path, advance=advance)


def _load_or_end(file: ImportFile, *, path: Path, advance: Advance) -> FileReport:
    try:
        return _load(file, path=path, advance=advance)
    except Refused as refused:
        _end(file, State.REFUSED, str(refused))
        return refusal(name=file.name, kind=file.kind, sentence=str(refused), pk=file.pk)
    except Exception as error:
        if not transaction.get_connection().needs_rollback:
            _end(file, State.FAILED, f"{type(error).__name__}: {error}")
        raise


def known_kind(kind: str) -> Kind:
    """The declaration of a kind of rows; Refused where there is none."""
    if kind not in KINDS:
        raise Refused(
            _("%(kind)s is no kind of rows; there are %(kinds)s.") % {"kind": kind, "kinds": ", ".join(KINDS)}
        )
    return KINDS[kind]


def find_profile(name: str) -> ImportProfile:
    """The profile of a name; Refused where there is none or its rules cannot be used."""
    profile = ImportProfile.objects.filter(name=name).first()
    if profile is None:
        raise Refused(_("There is no import profile %(name)s.") % {"name": name})
    if problems := check(profile.rules):
        raise Refused(
            _("The import profile %(name)s cannot be used: %(problem)s") % {"name": name, "problem": problems[0]}
        )
    return profile


def _load(file: ImportFile, *, path: Path, advance: Advance) -> FileReport:
    kind, now = KINDS[file.kind], clock()
    rules = rules_for(file.profile.rules if file.profile else {}, file.kind)
    source = Source(path=path, name=file.name, encoding=file.encoding)
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        spool, ignored = prepare(source=source, kind=kind, rules=rules, now=now, folder=Path(folder), advance=advance)
        file.sha256, file.ignored_columns = digest(path), ignored
        file.save(update_fields=["sha256", "ignored_columns"])
        counts, errors = _store_all(file, spool, kind=kind, now=now, advance=advance)
    quarantine.release_after(kind, now=now)
    _end(file, State.DONE)
    _close_broken_off(file)
    return filed(name=file.name, kind=file.kind, pk=file.pk, counts=counts, ignored=ignored, errors=errors)


def _store_all(
    file: ImportFile, spool: Spool, *, kind: Kind, now: Now, advance: Advance
) -> tuple[Counter[str], list[dict[str, Any]]]:
    repeats = Repeats.of(spool, kind=kind)
    earlier = same_bytes(file)
    counts: Counter[str] = Counter()
    errors: list[dict[str, Any]] = []
    done = 0
    for frame in spool.frames():
        stored = store(file=file, earlier=earlier, kind=kind, frame=frame, repeats=repeats, now=now)
        counts += stored.counts
        if len(errors) < N_ERRORS:
            errors += errors_of(stored.set_aside[:N_ERRORS])
        done += frame.height
        advance(_("Loading %(name)s") % {"name": file.name}, done, spool.n_rows)
    return counts, errors


def _end(file: ImportFile, state: str, message: str = "") -> None:
    file.state, file.message, file.ended_at = state, message, timezone.now()
    file.save(update_fields=["state", "message", "ended_at"])


def _close_broken_off(file: ImportFile) -> None:
    """Say of imports of the same bytes that broke off that this one finished them."""
    broken_off = ImportFile.objects.filter(
        sha256=file.sha256, kind=file.kind, state=State.RUNNING, created_at__lt=file.created_at
    )
    broken_off.update(
        state=State.FAILED,
        ended_at=timezone.now(),
        message=f"It broke off; import {file.pk} of the same file finished it.",
    )
