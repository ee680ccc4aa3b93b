"""Everything below the verdict of a report, in the order in which it is read."""

from collections.abc import Iterable

from experiments.admin.report.effects import effects, money, over_time, rates
from experiments.admin.report.groups import reached, subgroups
from experiments.admin.report.means import means
from experiments.admin.report.notes import Notes
from experiments.admin.report.section import Section
from experiments.admin.report.soundness import balance, contamination, sample_ratio
from experiments.document import Document

__all__ = ["sections"]


def sections(document: Document, notes: Notes) -> list[Section]:
    """What needs outcomes only where some are known."""
    known = list(_of_outcomes(document, notes)) if document["counts"]["known"] else []
    return [*known, *(one(document, notes) for one in (sample_ratio, balance, contamination))]


def _of_outcomes(document: Document, notes: Notes) -> Iterable[Section]:
    yield rates(document, notes)
    yield effects(document, notes)
    yield over_time(document)
    yield money(document, notes)
    if document["metrics"]:
        yield means(document, "metrics", notes)
    if document["guardrails"]:
        yield means(document, "guardrails", notes)
    yield reached(document, notes)
    yield subgroups(document, notes)
