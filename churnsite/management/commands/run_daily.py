"""The daily job of a date."""

from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _
from rich.table import Table

from churnsite.daily import run_daily
from churnsite.steps import step_named
from customers.commands import Advance, Refused, database_failure
from customers.commands import Command as Base
from customers.models import Run, Step
from customers.models.runs import State


class Command(Base):
    help = (
        "The daily job: import of waiting rows, features, score, outcomes, drift, experiments (enrol, track), "
        "health score and alerts, retention, in that order, each step once. A run that broke off is picked up at the "
        "step where it did; two at once end as one."
    )
    example = "run_daily --as-of 2017-09-30"
    has_as_of = True

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        try:
            return document(run_daily(as_of=options["as_of"], advance=advance))
        except DatabaseError as error:
            raise Refused(database_failure(error)) from error

    def report(self, result: dict[str, Any]) -> None:
        table = Table(title=_("Daily job of {date}").format(date=result["as_of"]))
        for title in (_("step"), _("state"), _("rows"), _("seconds"), _("attempts")):
            table.add_column(title, justify="left" if title in (_("step"), _("state")) else "right")
        for step in result["steps"]:
            cells = (step["rows"], step["seconds"], step["attempts"])
            state = State(step["state"]).label
            table.add_row(
                str(step_named(step["name"]).title),
                str(state),
                *("" if cell is None else f"{cell:,}" for cell in cells),
            )
        self.console.print(table)

    def failed(self, result: dict[str, Any]) -> bool:
        if result["state"] != State.DONE:
            self.stderr.write(_("The daily job failed at the step {error}").format(error=result["error"]))
        return bool(result["state"] != State.DONE)


def document(run: Run) -> dict[str, Any]:
    """A run and its steps as plain values."""
    steps = [_step(step) for step in run.steps.order_by("position")]
    return {"as_of": run.as_of.isoformat(), "kind": run.kind, "state": run.state, "error": run.error, "steps": steps}


def _step(step: Step) -> dict[str, Any]:
    over = step.started_at and step.ended_at
    return {
        "name": step.name,
        "state": step.state,
        "rows": step.n_rows,
        "seconds": round((step.ended_at - step.started_at).total_seconds(), 2) if over else None,  # type: ignore[operator]
        "attempts": step.n_attempts,
        "error": step.error,
        "result": {key: value for key, value in step.result.items() if key != "traceback"},
    }
