"""What came of a file."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from customers.ingest.messages import translated
from customers.ingest.setting_aside import Aside

N_ERRORS = 20


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """Rows of a file by what became of them; read = added + updated + unchanged + set aside.

    `refused` is the sentence that says why nothing of the file was stored; `errors` has the first twenty reasons.
    """

    name: str
    kind: str
    pk: int | None = None
    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    set_aside: int = 0
    refused: str = ""
    ignored_columns: tuple[str, ...] = ()
    errors: tuple[dict[str, Any], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """As `import_data --json` prints it; `ignored_columns` only where there are some."""
        names = ("name", "kind", "read", "added", "updated", "unchanged", "set_aside")
        printed: dict[str, Any] = {name: getattr(self, name) for name in names}
        printed["errors"] = list(self.errors)
        if self.ignored_columns:
            printed["ignored_columns"] = list(self.ignored_columns)
        return printed


def refusal(*, name: str, kind: str, sentence: str, pk: int | None = None) -> FileReport:
    """The report of a file that was refused whole."""
    error = {"line": None, "column": None, "message": sentence}
    return FileReport(name=name, kind=kind, pk=pk, refused=sentence, errors=(error,))


def errors_of(rows: list[Aside]) -> list[dict[str, Any]]:
    """Reasons with their lines, in the active language."""
    return [
        {"line": row.line, "column": why["column"] or None, "message": translated(why)}
        for row in rows
        for why in row.reasons
    ]


def filed(*, name: str, kind: str, pk: int, counts: Counter[str], ignored: list[str], errors: list[Any]) -> FileReport:
    """The report of a file that went in."""
    return FileReport(
        name=name,
        kind=kind,
        pk=pk,
        read=sum(counts.values()),
        added=counts["added"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        set_aside=counts["set_aside"],
        ignored_columns=tuple(ignored),
        errors=tuple(errors[:N_ERRORS]),
    )
