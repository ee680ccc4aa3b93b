"""The triggers for SQLite, which calls them for each row; entries that count grow with the statement they count."""
# ruff: noqa: S608 - names in the SQL come from the models; values are functions of the process.

from collections.abc import Sequence

from customers.audit.tables import Audited, Column

__all__ = ["guard", "installed", "removal", "table"]

LOG = "customers_auditentry"
_HEAD = (
    '"at", "user_id", "who", "key", "via", "source", "event", "action", "table_name", "row_key", "last_row", "n_rows", '
    '"customer_pk", "before", "after", "batch"'
)
_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"
_ACTOR = ", ".join([_NOW, *(f"audit_actor({number})" for number in range(5)), "''"])
_BATCH = "audit_batch('{name}', '{action}')"
installed = "SELECT name, tbl_name, '' FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit\\_%%' ESCAPE '\\'"


def table(
    one: Audited, *, name: str, key: str, columns: Sequence[Column], customer: str, suffix: str
) -> dict[str, list[str]]:
    """The statement that makes each trigger of a table, by the trigger's name."""
    differs = " OR ".join(f'OLD."{c.name}" IS NOT NEW."{c.name}"' for c in columns)
    made = {"name": name, "key": key, "customer": customer}
    added = _object("NEW", columns)
    counts_adds = one.adds == "counted"
    each, many = "NOT audit_counts()", "audit_counts()"
    triggers = {
        "add": ("INSERT", "1" if counts_adds else each, _counted("add", "NEW", added, **made))
        if counts_adds
        else ("INSERT", each, _each("add", "NEW", "NULL", added, **made)),
        "change": ("UPDATE", f"{each} AND ({differs})", _each("change", "NEW", *_changes(columns), **made)),
        "delete": ("DELETE", each, _each("delete", "OLD", _object("OLD", columns), "NULL", **made)),
        "change_many": ("UPDATE", f"{many} AND ({differs})", _counted("change", "NEW", "NULL", **made)),
        "delete_many": ("DELETE", many, _counted("delete", "OLD", "NULL", **made)),
    }
    if not counts_adds:
        triggers["add_many"] = ("INSERT", many, _counted("add", "NEW", "NULL", **made))
    return {
        f"audit_{name[:40]}_{noun}_{suffix}": [
            f"CREATE TRIGGER audit_{name[:40]}_{noun}_{suffix} AFTER {on} ON {name} WHEN {when} BEGIN {body} END"
        ]
        for noun, (on, when, body) in triggers.items()
    }


def guard(*, suffix: str) -> dict[str, list[str]]:
    """What refuses to change or delete entries; erasure may change their values, a statement count its own rows."""
    fixed = ("id", "at", "user_id", "who", "key", "via", "source", "action", "event", "table_name", "row_key")
    same = " AND ".join(f'OLD."{column}" IS NEW."{column}"' for column in fixed)
    counts = f"OLD.batch = {_BATCH.format(name='', action='')} AND NEW.n_rows = OLD.n_rows + 1"
    counts = counts.replace("audit_batch('', '')", "audit_batch(OLD.table_name, OLD.action)")
    refuse = "BEGIN SELECT RAISE(ABORT, 'The audit log is never edited.'); END"
    changed = f"NOT ({same} AND (audit_erases() OR coalesce({counts}, 0)))"
    return {
        f"audit_kept_change_{suffix}": [
            f"CREATE TRIGGER audit_kept_change_{suffix} BEFORE UPDATE ON {LOG} WHEN {changed} {refuse}"
        ],
        f"audit_kept_delete_{suffix}": [
            f"CREATE TRIGGER audit_kept_delete_{suffix} BEFORE DELETE ON {LOG} WHEN NOT audit_erases() {refuse}"
        ],
    }


def removal(trigger: str, _table: str, _function: str) -> list[str]:
    """The statement that takes a trigger away."""
    return [f"DROP TRIGGER {trigger}"]


def _each(action: str, row: str, before: str, after: str, *, name: str, key: str, customer: str) -> str:
    values = f"'{action}', '{name}', {row}.\"{key}\", '', 1, {_customer(row, customer)}, {before}, {after}, NULL"
    return f"INSERT INTO {LOG} ({_HEAD}) VALUES ({_ACTOR}, {values});"


def _counted(action: str, row: str, value: str, *, name: str, key: str, customer: str) -> str:
    """Begin the statement's entry with its first row, and count on; the value stays while it is the only one."""
    batch = _BATCH.format(name=name, action=action)
    values = f"'{action}', '{name}', {row}.\"{key}\", '', 0, {_customer(row, customer)}, NULL, {value}, {batch}"
    return (
        f"INSERT INTO {LOG} ({_HEAD}) SELECT {_ACTOR}, {values} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {LOG} WHERE batch = {batch}); "
        f"UPDATE {LOG} SET n_rows = n_rows + 1, last_row = CASE WHEN n_rows = 0 THEN '' ELSE {row}.\"{key}\" END, "
        f"customer_pk = CASE WHEN n_rows = 0 THEN customer_pk END, after = CASE WHEN n_rows = 0 THEN after END "
        f"WHERE batch = {batch};"
    )


def _customer(row: str, customer: str) -> str:
    return f'{row}."{customer}"' if customer else "NULL"


def _object(row: str, columns: Sequence[Column]) -> str:
    return "'{' || " + " || ',' || ".join(_pair(row, column) for column in columns) + " || '}'"


def _changes(columns: Sequence[Column]) -> tuple[str, str]:
    before, after = (
        " || ".join(
            f"CASE WHEN OLD.\"{c.name}\" IS NOT NEW.\"{c.name}\" THEN ',' || {_pair(row, c)} ELSE '' END"
            for c in columns
        )
        for row in ("OLD", "NEW")
    )
    return f"'{{' || substr({before}, 2) || '}}'", f"'{{' || substr({after}, 2) || '}}'"


def _pair(row: str, column: Column) -> str:
    if column.is_secret or column.kind == "binary":
        return f"""'"{column.name}":"[secret]"'"""
    cell = f'{row}."{column.name}"'
    values = {
        "json": f"coalesce({cell}, 'null')",
        "boolean": f"CASE {cell} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END",
    }
    return f"""'"{column.name}":' || {values.get(column.kind, f"json_quote({cell})")}"""
