"""A section of a report: plain words, a table of figures, charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.admin.report.notes import Notes
from experiments.admin.report.words import NONE
from experiments.reasons import in_words
from predictions.models import RiskLevel

__all__ = ["BY", "Section", "figure", "level"]

BY = {"risk_level": gettext_lazy("risk level"), "customer_type": gettext_lazy("customer type")}


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, what it means in plain words, a table, charts; `is_warning` where somebody has to look."""

    name: str
    title: str
    lead: str = ""
    heads: Sequence[Any] = ()
    rows: Sequence[Sequence[Any]] = ()
    charts: Sequence[SafeString | str] = ()
    after: Sequence[str] = ()
    is_warning: bool = False

    @property
    def labelled(self) -> list[list[tuple[str, Any]]]:
        """The cells of each row with the names of their columns, which a narrow screen shows beside them."""
        names = [str(head).partition("<sup")[0] for head in self.heads]
        return [list(zip(names, row, strict=True)) for row in self.rows]


def figure(notes: Notes, text: str, name: str, holder: Any) -> SafeString:
    """A figure; where it is missing, why."""
    missing = NONE in text
    return notes.figure(text, name, extra=in_words(holder.get("reason")) if missing else "")


def level(row: Any) -> str:
    """A risk level in the reader's language, a customer type as it came."""
    titles = dict(RiskLevel.choices) if (row.get("by") or row.get("name")) == "risk_level" else {}
    return str(titles.get(row["level"], row["level"])) or _("no type")
