"""The triggers for PostgreSQL: one call a statement, which writes the entries of all its rows in one set."""
# ruff: noqa: S608 - names in the SQL come from the models; values are the actor's, as a setting.

from collections.abc import Sequence

from customers.audit.tables import Audited, Column

__all__ = ["guard", "installed", "removal", "table"]

LOG = "customers_auditentry"
_HEAD = (
    "at, user_id, who, key, via, source, action, event, "
    "table_name, row_key, last_row, n_rows, customer_pk, before, after"
)
_ACTOR = (
    "statement_timestamp(), (a->>'user')::int, coalesce(a->>'who', session_user::text), coalesce(a->>'key', ''), "
    "coalesce(a->>'via', 'database'), coalesce(a->>'source', '')"
)
_DECLARE = "a jsonb := coalesce(nullif(current_setting('audit.actor', true), ''), '{}')::jsonb;"
installed = (
    "SELECT t.tgname, c.relname, p.proname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgname LIKE 'audit\\_%%' "
    "AND c.relnamespace = current_schema()::regnamespace"
)
_REFERENCING = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows ",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows ",
    "DELETE": "REFERENCING OLD TABLE AS old_rows ",
    "TRUNCATE": "",
}


def table(
    one: Audited, *, name: str, key: str, columns: Sequence[Column], customer: str, suffix: str
) -> dict[str, list[str]]:
    """The statements that make each trigger of a table, by the trigger's name; the first makes their function."""
    function = f"audit_{name[:40]}_{suffix}"
    body = _body(one, name=name, key=key, columns=columns, customer=customer)
    made = {
        f"audit_{name[:40]}_{on[:3].lower()}_{suffix}": [_trigger(name, function, on, suffix)] for on in _REFERENCING
    }
    first = next(iter(made))
    made[first] = [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $audit$ {body} $audit$",
        *made[first],
    ]
    return made


def guard(*, suffix: str) -> dict[str, list[str]]:
    """What refuses to change or delete entries; erasure alone may change their values."""
    function = f"audit_kept_{suffix}"
    fixed = ("id", "at", "user_id", "who", "key", "via", "source", "action", "event", "table_name", "row_key")
    same = " AND ".join(f"OLD.{column} IS NOT DISTINCT FROM NEW.{column}" for column in fixed)
    body = (
        f"DECLARE {_DECLARE} BEGIN IF coalesce((a->>'erases')::boolean, false) THEN "
        f"IF TG_OP = 'UPDATE' THEN IF {same} THEN RETURN NEW; END IF; "
        "ELSIF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NULL; END IF; END IF; "
        "RAISE EXCEPTION USING MESSAGE = 'The audit log is never edited.', ERRCODE = 'check_violation'; END"
    )
    rows = f"BEFORE UPDATE OR DELETE ON {LOG} FOR EACH ROW EXECUTE FUNCTION {function}()"
    whole = f"BEFORE TRUNCATE ON {LOG} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    return {
        f"audit_kept_rows_{suffix}": [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $audit$ {body} $audit$",
            f"CREATE TRIGGER audit_kept_rows_{suffix} {rows}",
        ],
        f"audit_kept_whole_{suffix}": [f"CREATE TRIGGER audit_kept_whole_{suffix} {whole}"],
    }


def removal(trigger: str, table: str, function: str) -> list[str]:
    """The statements that take a trigger away; its function goes with the last that uses it."""
    return [f"DROP TRIGGER IF EXISTS {trigger} ON {table}", f"DROP FUNCTION IF EXISTS {function}() CASCADE"]


def _trigger(name: str, function: str, on: str, suffix: str) -> str:
    trigger = f"audit_{name[:40]}_{on[:3].lower()}_{suffix}"
    return (
        f"CREATE TRIGGER {trigger} AFTER {on} ON {name} {_REFERENCING[on]}"
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def _body(one: Audited, *, name: str, key: str, columns: Sequence[Column], customer: str) -> str:
    made = {"name": name, "key": key, "customer": customer}
    added = _object("n", columns)
    add = _many("add", "new_rows", added, **made) if one.adds == "counted" else _each_add(added, **made)
    differs = " OR ".join(f'o."{c.name}" IS DISTINCT FROM n."{c.name}"' for c in columns)
    pairs = f'old_rows o FULL JOIN new_rows n ON n."{key}" = o."{key}"'
    return (
        f"DECLARE {_DECLARE} c boolean := coalesce((a->>'counts')::boolean, false); "
        f"BEGIN IF TG_OP = 'INSERT' THEN IF c THEN {_many('add', 'new_rows', 'NULL', **made)} ELSE {add} END IF; "
        f"ELSIF TG_OP = 'UPDATE' THEN IF c THEN "
        f"{_many('change', f'(SELECT n.* FROM {pairs} WHERE {differs})', 'NULL', **made)} "
        f"ELSE {_each_change(pairs, differs, columns, **made)} END IF; "
        f"ELSIF TG_OP = 'DELETE' THEN IF c THEN {_many('delete', 'old_rows', 'NULL', **made)} "
        f"ELSE {_each_delete(_object('o', columns), **made)} END IF; "
        f"ELSIF NOT coalesce((a->>'erases')::boolean, false) THEN {_truncated(name)} "
        "END IF; RETURN NULL; END"
    )


def _into(action: str, name: str) -> str:
    return f"INSERT INTO {LOG} ({_HEAD}) SELECT {_ACTOR}, '{action}', '', '{name}'"


def _customer(row: str, customer: str) -> str:
    return f'{row}."{customer}"' if customer else "NULL"


def _each_add(added: str, *, name: str, key: str, customer: str) -> str:
    whose = _customer("n", customer)
    return f"{_into('add', name)}, n.\"{key}\"::text, '', 1, {whose}, NULL, {added} FROM new_rows n;"


def _each_delete(deleted: str, *, name: str, key: str, customer: str) -> str:
    whose = _customer("o", customer)
    return f"{_into('delete', name)}, o.\"{key}\"::text, '', 1, {whose}, {deleted}, NULL FROM old_rows o;"


def _each_change(pairs: str, differs: str, columns: Sequence[Column], *, name: str, key: str, customer: str) -> str:
    whose = f"coalesce({_customer('n', customer)}, {_customer('o', customer)})" if customer else "NULL"
    return (
        f'{_into("change", name)}, coalesce(n."{key}", o."{key}")::text, \'\', 1, {whose}, '
        f"{_changed('o', columns)}, {_changed('n', columns)} FROM {pairs} WHERE {differs};"
    )


def _many(action: str, rows: str, value: str, *, name: str, key: str, customer: str) -> str:
    """One entry for all rows; with the value and the customer where it is a single row."""
    whose = f'CASE WHEN count(*) = 1 THEN min(n."{customer}") END' if customer else "NULL"
    shown = f"CASE WHEN count(*) = 1 THEN (SELECT {value} FROM {rows} n) END" if value != "NULL" else "NULL"
    return (
        f'{_into(action, name)}, min(n."{key}")::text, CASE WHEN count(*) > 1 THEN max(n."{key}")::text ELSE \'\' END, '
        f"count(*), {whose}, NULL, {shown} FROM {rows} n HAVING count(*) > 0;"
    )


def _truncated(name: str) -> str:
    return f"{_into('delete', name)}, '', '', 0, NULL, NULL, '{{\"truncated\": true}}'::jsonb;"


def _object(row: str, columns: Sequence[Column]) -> str:
    return f"""('{{' || {" || ',' || ".join(_pair(row, column) for column in columns)} || '}}')::jsonb"""


def _changed(row: str, columns: Sequence[Column]) -> str:
    """The object of those columns that differ between the rows o and n."""
    pairs = " || ".join(
        f"CASE WHEN o.\"{c.name}\" IS DISTINCT FROM n.\"{c.name}\" THEN ',' || {_pair(row, c)} ELSE '' END"
        for c in columns
    )
    return f"('{{' || substr({pairs}, 2) || '}}')::jsonb"


def _pair(row: str, column: Column) -> str:
    if column.is_secret or column.kind == "binary":
        return f"""'"{column.name}":"[secret]"'"""
    return f"""'"{column.name}":' || coalesce(to_json({row}."{column.name}")::text, 'null')"""
