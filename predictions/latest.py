"""The latest prediction of customers with what goes with it, in one statement: the hot path of the API.

Apps above add what they know of a customer with `beside`, a join and its columns each, as they add panels to a
customer's page. Dates are compared as the boundary compares them (`customers.boundary.LONGEST_HOLD`).
"""
# ruff: noqa: S608 - the pieces of the SQL are declarations; values are parameters.

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import get_language

from customers import boundary
from customers.statements import among, fetched, within

__all__ = ["Beside", "Row", "Sight", "beside", "besides", "first_of_day", "latest_day", "latest_of", "reasons_in"]

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What another app knows of a customer c: `told` makes it of the columns and of whether the customer is held.

    People need `permission` to see it.
    """

    name: str
    columns: tuple[str, ...]
    join: str
    told: Callable[[Row, bool], Any]
    serializer: Any
    permission: str


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a caller sees: `customers` is a queryset of keys, None for all; `besides` are the names it may read."""

    on: dt.date
    besides: frozenset[str]
    customers: Any = None


_BESIDES: list[Beside] = []
_OWN = """c.customer_id, p.as_of, p.probability, p.risk_level, p.lifecycle_stage, CAST(p.reasons AS text),
p.main_reason, p.monthly_value, m.version, h.kind, h.source, h.until,
(SELECT max(day.as_of) FROM predictions_prediction day),
p.id, c.id"""
_N_OWN = 15
_LATEST = """
LEFT JOIN predictions_prediction p ON p.customer_id = c.id
    AND p.as_of = (SELECT max(one.as_of) FROM predictions_prediction one WHERE one.customer_id = c.id)
LEFT JOIN predictions_modelversion m ON m.id = p.model_id"""
_OF_DAY = """
JOIN predictions_prediction p ON p.customer_id = c.id
JOIN predictions_modelversion m ON m.id = p.model_id"""


def beside(one: Beside) -> None:
    """Add what another app knows."""
    _BESIDES.append(one)


def besides() -> Sequence[Beside]:
    """What was added."""
    return tuple(_BESIDES)


def latest_of(customer_ids: list[str], *, sight: Sight) -> dict[str, dict[str, Any]]:
    """By ID, of those who are known and in sight: the latest prediction, null where there never was one."""
    if len(customer_ids) == 1:
        condition, params = "c.customer_id = %s", list(customer_ids)
    else:
        condition, params = among("c.customer_id", customer_ids)
    rows = _rows(_LATEST, [(condition, params)], sight=sight)
    return {row[0]: _told(row, sight) for row in rows}


def latest_day() -> dt.date | None:
    """The latest day that was scored."""
    ((day,),) = fetched("SELECT max(as_of) FROM predictions_prediction", [])
    return _date(day)


def first_of_day(
    as_of: dt.date, *, sight: Sight, n: int, conditions: Sequence[tuple[str, list[Any]]]
) -> list[dict[str, Any]]:
    """The first `n` predictions of a day, the highest probability first, of those who meet the conditions."""
    chosen = [("p.as_of = %s", [as_of]), *conditions]
    tail = "ORDER BY p.probability DESC, p.customer_id LIMIT %s"
    return [_told(row, sight) for row in _rows(_OF_DAY, chosen, sight=sight, tail=tail, last=[n])]


def reasons_in(stored: Any, language: str | None) -> list[dict[str, Any]] | None:
    """Stored reasons with the sentence of one language; None where none were made."""
    if stored is None:
        return None
    chosen = "zh" if (language or "").startswith("zh") else "en"
    known = orjson.loads(stored) if isinstance(stored, str | bytes) else stored
    return known and [{**one, "sentence": one["sentence"][chosen]} for one in known]


def _rows(
    joins: str,
    conditions: Sequence[tuple[str, list[Any]]],
    *,
    sight: Sight,
    tail: str = "",
    last: Sequence[Any] = (),
) -> list[Row]:
    read = [one for one in _BESIDES if one.name in sight.besides]
    columns = ", ".join([_OWN, *(column for one in read for column in one.columns)])
    joined = " ".join([joins, boundary.LONGEST_HOLD, *(one.join for one in read)])
    limits = [] if sight.customers is None else [within("c.id", sight.customers)]
    where = [*conditions, *limits]
    sql = f"SELECT {columns} FROM customers_customer c {joined} WHERE {' AND '.join(one for one, _ in where)} {tail}"
    return fetched(sql, [sight.on, sight.on, *(value for _, values in where for value in values), *last])


def _told(row: Row, sight: Sight) -> dict[str, Any]:
    customer_id, as_of, probability, level, stage, stored, main, value, model, kind, source, until, day, pk, whose = (
        row[:_N_OWN]
    )
    is_held = kind is not None
    told = {
        "customer_id": customer_id,
        "as_of": _date(as_of),
        "is_current": as_of is not None and _date(as_of) == _date(day),
        "probability": None if probability is None else float(probability),
        "risk_level": level,
        "lifecycle_stage": stage,
        "main_reason": main,
        "reasons": reasons_in(stored, get_language()),
        "monthly_value": None if value is None else float(value),
        "model_version": model,
        "held_back": {"kind": kind, "source": source, "until": _date(until)} if is_held else None,
        "_keys": (pk, whose),
    }
    place = _N_OWN
    for one in _BESIDES:
        told[one.name] = None
        if one.name in sight.besides:
            told[one.name] = one.told(row[place : place + len(one.columns)], is_held)
            place += len(one.columns)
    return told


def _date(value: Any) -> dt.date | None:
    """SQLite gives texts."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
