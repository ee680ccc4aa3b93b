"""Whether last night's run was fine: done, failed and where, still at work, or not there."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from churnsite import runs
from churnsite.home.links import listed
from churnsite.steps import step_named
from customers.joining import running
from customers.models import Run, Step
from customers.models.runs import State

__all__ = ["told"]

# The daily job begins at two; until six in the morning that of the day before is last night's.
DUE_BY = dt.time(6)


def told(*, now: dt.datetime) -> dict[str, Any]:
    """`tone` (success, danger, warning, primary), a word, a sentence, and the run behind it."""
    run = Run.objects.filter(kind=Run.Kind.DAILY).order_by("-as_of").first()
    if run is None:
        facts = {"tone": "warning", "word": _("has never run"), "sentence": _never()}
        return facts | {"url": listed("customers_run"), "icon": "schedule"}
    steps = list(run.steps.all())
    return _state(run, steps, now) | {"url": reverse("admin:customers_run_change", args=[run.pk])}


def _never() -> str:
    return _("Run it once by hand: python manage.py run_daily. A worker and a beat then do it every night.")


def _state(run: Run, steps: list[Step], now: dt.datetime) -> dict[str, Any]:
    due = now.date() if now.time() >= DUE_BY else now.date() - dt.timedelta(days=1)
    if run.state == State.FAILED or runs.is_abandoned(run):
        return _broken(run, steps)
    if run.state in (State.RUNNING, State.WAITING):
        n_done = sum(step.state == State.DONE for step in steps)
        text = _("%(done)s of %(all)s steps done, as of %(day)s.")
        sentence = text % {"done": n_done, "all": len(steps), "day": date_format(run.as_of)}
        return {"tone": "primary", "word": _("at work"), "sentence": sentence, "icon": "hourglass_top"}
    if run.as_of < due:
        sentence = _(
            "The last one was that of %(day)s: what you see here is as old. Look after the worker and the beat."
        )
        facts = {"tone": "danger", "word": _("did not run"), "icon": "error"}
        return facts | {"sentence": sentence % {"day": date_format(run.as_of)}}
    return _done(run, steps)


def _broken(run: Run, steps: list[Step]) -> dict[str, Any]:
    """The step that broke, since when and why."""
    step = next((one for one in steps if one.state in (State.FAILED, State.RUNNING)), None)
    cause = (step.why if step else run.error) or _("It was interrupted.")
    since = run.ended_at or run.heartbeat_at
    facts = {"step": _title(step), "since": _moment(since), "cause": cause.splitlines()[0][:200]}
    sentence = _("The step “%(step)s” broke on %(since)s: %(cause)s") % facts
    return {"tone": "danger", "word": _("failed"), "sentence": sentence, "icon": "error"}


def _done(run: Run, steps: list[Step]) -> dict[str, Any]:
    """Fine, or with parts that failed by themselves and held nothing up."""
    n_failed = sum(len(_failures(step)) for step in steps)
    when = _("As of %(day)s, done on %(ended)s.") % {"day": date_format(run.as_of), "ended": _moment(run.ended_at)}
    if n_failed:
        sentence = _("%(n)s experiments could not be dealt with; the steps tell why.") % {"n": n_failed}
        return {"tone": "warning", "word": _("done, but"), "sentence": running([sentence, when]), "icon": "warning"}
    return {"tone": "success", "word": _("fine"), "sentence": when, "icon": "check_circle"}


def _failures(step: Step) -> list[Any]:
    failed = step.result.get("failed") if isinstance(step.result, dict) else None
    return failed if isinstance(failed, list) else []


def _title(step: Step | None) -> str:
    if step is None:
        return "–"
    try:
        return str(step_named(step.name).title)
    except KeyError:
        return step.name


def _moment(at: dt.datetime | None) -> str:
    if at is None:
        return "–"
    local = timezone.localtime(at)
    return f"{date_format(local.date())} {time_format(local.time(), 'H:i')}"
