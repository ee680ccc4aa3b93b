"""What the database itself refuses: changing a started experiment, its history, or what was concluded from it.

Each lock is a trigger, declared once and written out for PostgreSQL and SQLite. SQLite makes a table anew when a
migration alters it, which triggers do not survive: such a migration begins with `remove` and ends with `install`, and a
test sees that every lock is there. Deletion is locked on PostgreSQL only; SQLite has no TRUNCATE, so that emptying a
table would be refused too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.migrations import RunPython

__all__ = ["LOCKS", "Lock", "install", "migration", "remove"]

EXPERIMENT = "experiments_experiment"
CONFIGURATION = (
    *("name", "hypothesis", "starts_on", "ends_on", "min_probability", "risk_levels", "layer", "observation_days"),
    *("secondary_metrics", "guardrail_metrics", "significance", "power", "smallest_effect", "treatment_cost"),
    *("value_source", "value", "is_stratified", "strata", "daily_capacity", "salt", "started_on"),
)
DRAWN = (
    *("experiment_id", "customer_id", "arm_id", "u", "enrolled_on", "probability", "risk_level", "customer_type"),
    *("model_id", "monthly_value", "stratum", "layer"),
)
MOVES = ("draft>running", "running>stopped", "running>completed", "stopped>archived", "completed>archived")
EVER = "1 = 1"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A statement on a table that is refused where `when` holds; `changed` are columns of which one must differ."""

    name: str
    table: str
    on: str
    message: str
    when: str = EVER
    changed: Sequence[str] = ()

    def condition(self, differs: str) -> str:
        """The whole condition; `differs` is the database's comparison that knows NULL."""
        if not self.changed:
            return self.when
        return f"({self.when}) AND ({' OR '.join(_differs(column, differs) for column in self.changed)})"


def _differs(column: str, differs: str) -> str:
    return f"OLD.{column} {differs} NEW.{column}"


def _in_draft(row: str) -> str:
    is_draft = f"e.id = {row}.experiment_id AND e.state = 'draft'"
    return f"EXISTS (SELECT 1 FROM {EXPERIMENT} e WHERE {is_draft})"  # noqa: S608 - names declared here


def _while_started(table: str, noun: str) -> Iterable[Lock]:
    for on, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        name = f"{noun}_{on.lower()}_locked"
        when = f"NOT {_in_draft(row)}"
        yield Lock(name=name, table=table, on=on, when=when, message="A started experiment is locked.")


def _kept(table: str, noun: str, message: str) -> Iterable[Lock]:
    yield Lock(name=f"{noun}_kept_as_it_is", table=table, on="UPDATE", message=message)
    yield Lock(name=f"{noun}_kept", table=table, on="DELETE", message=message)


def _finalised(row: str) -> str:
    joined = "experiments_assignment a JOIN experiments_experiment e ON e.id = a.experiment_id"
    is_final = f"a.id = {row}.assignment_id AND e.finalised_at IS NOT NULL"
    return f"EXISTS (SELECT 1 FROM {joined} WHERE {is_final})"  # noqa: S608 - names declared here


_OUTCOMES = (("INSERT", "NEW", "added"), ("UPDATE", "OLD", "changed"), ("DELETE", "OLD", "deleted"))

LOCKS: tuple[Lock, ...] = (
    Lock(
        name="experiment_configuration_locked",
        table=EXPERIMENT,
        on="UPDATE",
        when="OLD.state <> 'draft'",
        changed=CONFIGURATION,
        message="A started experiment is locked.",
    ),
    Lock(
        name="experiment_state_in_order",
        table=EXPERIMENT,
        on="UPDATE",
        when=f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({', '.join(map(repr, MOVES))})",
        message="An experiment cannot go from that state to this one.",
    ),
    Lock(
        name="experiment_final_once",
        table=EXPERIMENT,
        on="UPDATE",
        when="OLD.finalised_at IS NOT NULL",
        changed=("finalised_at",),
        message="A finalised experiment stays final.",
    ),
    Lock(
        name="experiment_kept",
        table=EXPERIMENT,
        on="DELETE",
        when="OLD.state <> 'draft'",
        message="A started experiment is kept.",
    ),
    *_while_started("experiments_arm", "arm"),
    *_while_started("experiments_condition", "condition"),
    Lock(
        name="assignment_drawn_once",
        table="experiments_assignment",
        on="UPDATE",
        changed=DRAWN,
        message="A customer's assignment never changes.",
    ),
    *_kept("experiments_statechange", "statechange", "The history of an experiment is never edited."),
    *_kept("control_group_analysis", "analysis", "An analysis is never overwritten."),
    *(
        Lock(
            name=f"outcome_final_{done}",
            table="experiments_outcome",
            on=on,
            when=_finalised(row),
            message="The outcomes of a finalised experiment are final.",
        )
        for on, row, done in _OUTCOMES
    ),
)


def install(_apps: Any, schema_editor: Any) -> None:
    """Put every lock in place, in the stead of the one that may be there."""
    remove(_apps, schema_editor)
    for lock in LOCKS:
        for statement in _statements(lock, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)


def remove(_apps: Any, schema_editor: Any) -> None:
    """Take every lock away."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for lock in LOCKS:
        on = f" ON {lock.table}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {lock.name}{on}", params=None)
        if is_postgresql:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {lock.name}()", params=None)


def migration() -> RunPython:
    """The operation that a migration puts at its end."""
    return RunPython(install, remove)


def _statements(lock: Lock, vendor: str) -> list[str]:
    if vendor == "postgresql":
        return _postgresql(lock)
    return [] if lock.on == "DELETE" else [_sqlite(lock)]


def _sqlite(lock: Lock) -> str:
    return (
        f"CREATE TRIGGER {lock.name} BEFORE {lock.on} ON {lock.table} WHEN {lock.condition('IS NOT')} "
        f"BEGIN SELECT RAISE(ABORT, '{_quoted(lock.message)}'); END"
    )


def _postgresql(lock: Lock) -> list[str]:
    # A trigger's WHEN takes no subquery, so the condition stands in the function.
    back = "OLD" if lock.on == "DELETE" else "NEW"
    body = (
        f"BEGIN IF {lock.condition('IS DISTINCT FROM')} THEN "
        f"RAISE EXCEPTION USING MESSAGE = '{_quoted(lock.message)}', ERRCODE = 'check_violation'; END IF; "
        f"RETURN {back}; END"
    )
    return [
        f"CREATE FUNCTION {lock.name}() RETURNS trigger LANGUAGE plpgsql AS $lock$ {body} $lock$",
        f"CREATE TRIGGER {lock.name} BEFORE {lock.on} ON {lock.table} FOR EACH ROW EXECUTE FUNCTION {lock.name}()",
    ]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
