"""What a configuration would change, as a page tells it: at once for few customers, by a job for many."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers import jobs
from customers.admin.background import tell
from customers.models import Customer, Job
from customers.visibility import visible
from healthscore import tasks, trial
from healthscore.admin import shown
from healthscore.dimensions.configuration import Configuration

__all__ = ["Move", "Preview", "of_job", "preview", "start"]


@dataclass(frozen=True, kw_only=True)
class Move:
    """A customer whose grade would be another; scores and grades as they are shown."""

    pk: int
    customer: str
    before: str
    after: str
    grade_before: str
    grade_after: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`moves` has the largest changes of `n_moved`; `counts` is (grade, customers now, then)."""

    as_of: dt.date
    n_moved: int
    moves: list[Move]
    counts: list[tuple[str, int, int]]
    failures: list[str]


def preview(configuration: Configuration, *, user: Any) -> Preview | None:
    """At the latest day that was scored; None before the first. It counts everybody, and names whom the user sees."""
    return _told(trial.try_out(configuration, user=user), user)


def start(configuration: Configuration, *, user: Any) -> Job:
    """The same by a job."""
    return jobs.start(tasks.try_configuration, user=user, document=configuration.document)


def of_job(job: Job, *, user: Any) -> Preview | None:
    """What a job found; None before the first day, and while it is not done."""
    return _told(job.came_of_it, user) if job.came_of_it else None


def _told(figures: dict[str, Any], user: Any) -> Preview | None:
    if figures["as_of"] is None:
        return None
    names = _names([move["pk"] for move in figures["moves"]], user)
    return Preview(
        as_of=dt.date.fromisoformat(figures["as_of"]),
        n_moved=figures["n_moved"],
        moves=[_move(move, names[move["pk"]]) for move in figures["moves"] if move["pk"] in names],
        counts=[(shown.grade(name), before, after) for name, before, after in figures["counts"]],
        failures=shown.failures(figures["failures"]),
    )


def _names(pks: list[int], user: Any) -> dict[int, str]:
    seen = visible(Customer.objects.filter(pk__in=pks), user, "pk")
    return {pk: f"{name} {title}".strip() for pk, name, title in seen.values_list("pk", "customer_id", "name")}


def _move(move: dict[str, Any], customer: str) -> Move:
    return Move(
        pk=move["pk"],
        customer=customer,
        before=shown.score(move["before"]),
        after=shown.score(move["after"]),
        grade_before=shown.grade(move["grade_before"]),
        grade_after=shown.grade(move["grade_after"]),
    )


def _sentence(figures: dict[str, Any]) -> Any:
    if figures["as_of"] is None:
        return _("Nothing can be compared yet: no day was scored.")
    n = figures["n_moved"]
    return ngettext("%(n)s customer would have another grade.", "%(n)s customers would have another grade.", n) % {
        "n": n
    }


tell(tasks.try_configuration.name, title=gettext_lazy("What a configuration would change"), sentence=_sentence)
tell(
    tasks.measure_truth.name,
    title=gettext_lazy("Does the health score tell the truth?"),
    sentence=lambda _figures: _("It is measured."),
)
