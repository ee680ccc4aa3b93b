"""The steps of each job, declared in order; `daily` does them in this process, `tasks` shares them among workers.

To add a step, add a line to JOBS: its place is the order in which it is done.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.commands import Advance
from customers.models import Run


@dataclass(frozen=True)
class Done:
    """What a step did: the number of rows it dealt with, and what it found."""

    n_rows: int | None = None
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """Pieces of a step that workers can do at the same time: begin gives their numbers, part does one."""

    begin: Callable[[dt.date], list[int]]
    part: Callable[[dt.date, int], None]


@dataclass(frozen=True)
class Parts:
    """A step in stages: each begins once the parts of the one before are done, and finish brings the last together."""

    stages: tuple[Stage, ...]
    finish: Callable[[dt.date], Done]


@dataclass(frozen=True)
class StepKind:
    """One step of a job; doing it twice leaves the same as doing it once."""

    name: str
    title: Any
    work: Callable[[dt.date, Advance], Done]
    parts: Parts | None = None


def import_waiting(as_of: dt.date, advance: Advance) -> Done:
    from customers.ingest import process_waiting

    result = process_waiting(advance=advance)
    return Done(n_rows=_count(result, "n_read", "read", "rows"), result=_plain(result))


def compute_features(as_of: dt.date, advance: Advance) -> Done:
    from predictions import snapshots

    # Again, for rows may have come since somebody computed that day by hand.
    return _snapshot_done(snapshots.ensure(as_of=as_of, again=True, advance=advance))


def begin_features(as_of: dt.date) -> list[int]:
    from predictions import snapshot_stages

    return snapshot_stages.begin(as_of)


def read_features_slice(as_of: dt.date, number: int) -> None:
    from predictions import snapshot_stages

    snapshot_stages.read_slice(as_of, number)


def join_features(as_of: dt.date) -> list[int]:
    from predictions import snapshot_stages

    return snapshot_stages.join(as_of)


def compute_features_part(as_of: dt.date, part: int) -> None:
    from predictions import snapshot_stages

    snapshot_stages.compute_part(as_of, part)


def finish_features(as_of: dt.date) -> Done:
    from predictions import snapshot_stages

    return _snapshot_done(snapshot_stages.finish(as_of))


def score(as_of: dt.date, advance: Advance) -> Done:
    from predictions import scoring

    first = _first_model(as_of, advance)
    return _scored(scoring.score(as_of=as_of, advance=advance), **first)


def begin_score(as_of: dt.date) -> list[int]:
    from predictions import scoring

    _first_model(as_of, Advance())
    return scoring.begin(as_of)


def score_part(as_of: dt.date, part: int) -> None:
    from predictions import scoring

    scoring.score_part(as_of, part)


def publish_scores(as_of: dt.date) -> Done:
    from predictions import scoring

    return _scored(scoring.publish(as_of))


def close_outcomes(as_of: dt.date, advance: Advance) -> Done:
    from predictions import outcomes

    result = outcomes.close(today=as_of)
    return Done(n_rows=_count(result, "closed"), result=_plain(result))


def measure_drift(as_of: dt.date, advance: Advance) -> Done:
    from predictions import drift

    result = drift.measure(as_of=as_of)
    return Done(n_rows=_count(result, "measured"), result=_plain(result))


def enrol(as_of: dt.date, advance: Advance) -> Done:
    from experiments import enrolment, lists, uplift_lists

    result = {**enrolment.enrol_all(as_of=as_of, advance=advance), "lists": lists.make_all(on=as_of)}
    result["uplift"] = uplift_lists.make_all(on=as_of)
    return Done(n_rows=_count(result, "enrolled"), result=_plain(result))


def track(as_of: dt.date, advance: Advance) -> Done:
    from experiments import following

    result = following.follow_all(as_of=as_of, advance=advance)
    return Done(n_rows=_count(result, "ripe"), result=_plain(result))


def score_health(as_of: dt.date, advance: Advance) -> Done:
    from healthscore import overrides, scoring, truth_kept

    result = scoring.summary_document(scoring.score(as_of=as_of, advance=advance))
    result["overrides_judged"] = overrides.judge(today=as_of)
    truth_kept.refresh()
    return Done(n_rows=_count(result, "scored"), result=result)


def purge_expired(as_of: dt.date, advance: Advance) -> Done:
    from customers import archive

    result = archive.purge(as_of=as_of, dry_run=False, advance=advance)
    return Done(n_rows=_count(result, "n_rows", "rows"), result=_plain(result))


def train(as_of: dt.date, advance: Advance) -> Done:
    from predictions import training

    model = training.train(as_of=as_of, advance=advance)
    return Done(n_rows=_count(model.data, "n_rows", "rows"), result=_model_told(model))


RETENTION = StepKind("retention", _("Retention"), purge_expired)

DAILY = (
    StepKind("import", _("Import of waiting rows"), import_waiting),
    StepKind(
        "features",
        _("Features"),
        compute_features,
        Parts(
            stages=(Stage(begin_features, read_features_slice), Stage(join_features, compute_features_part)),
            finish=finish_features,
        ),
    ),
    StepKind("score", _("Score"), score, Parts(stages=(Stage(begin_score, score_part),), finish=publish_scores)),
    StepKind("outcomes", _("Outcomes"), close_outcomes),
    StepKind("drift", _("Drift"), measure_drift),
    StepKind("enrol", _("Enrolment in experiments"), enrol),
    StepKind("track", _("Outcomes of experiments"), track),
    StepKind("health", _("Health score and alerts"), score_health),
    RETENTION,
)
TRAINING = (StepKind("training", _("Training"), train),)

JOBS: dict[str, tuple[StepKind, ...]] = {
    Run.Kind.DAILY: DAILY,
    Run.Kind.TRAINING: TRAINING,
    Run.Kind.RETENTION: (RETENTION,),
}


def steps_of(kind: str) -> tuple[StepKind, ...]:
    """The declared steps of a job, in order."""
    return JOBS[kind]


def step_named(name: str) -> StepKind:
    """The declared step of that name; KeyError where there is none."""
    return {step.name: step for steps in JOBS.values() for step in steps}[name]


def _first_model(as_of: dt.date, advance: Advance) -> dict[str, Any]:
    """A system without a model makes its first one here: a customer list without scores serves nobody."""
    from predictions import registry, training

    if registry.champion() is not None:
        return {}
    return {"trained": _model_told(training.train(as_of=as_of, advance=advance))}


def _model_told(model: Any) -> dict[str, Any]:
    return {"version": model.version, "kind": model.kind, "role": model.role}


def _snapshot_done(snapshot: Any) -> Done:
    result = {"customers": snapshot.n_customers, "eligible": snapshot.n_eligible, "timings": snapshot.timings}
    return Done(n_rows=snapshot.n_customers, result=_plain(result))


def _scored(summary: Any, **more: Any) -> Done:
    result = _plain(summary) | more
    return Done(n_rows=_count(result, "scored"), result=result)


def _count(result: dict[str, Any], *names: str) -> int | None:
    return next((int(result[name]) for name in names if isinstance(result.get(name), int)), None)


def _plain(result: Any) -> dict[str, Any]:
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else dict(result)
