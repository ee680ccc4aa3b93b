"""A day's predictions in and out of the database in sets: COPY on PostgreSQL, bulk elsewhere."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection

from predictions.models import Prediction
from predictions.value import in_account_currency

__all__ = ["read_day", "replace_day"]

BATCH = 2_000
COLUMNS = ("probability", "risk_level", "lifecycle_stage", "reasons", "main_reason", "monthly_value")
FIELDS = ("customer_id", "as_of", "model_id", *COLUMNS)


def replace_day(*, as_of: dt.date, model_pk: int, scored: pl.DataFrame) -> None:
    """Delete the day's rows and write these, in the caller's transaction."""
    Prediction.objects.filter(as_of=as_of)._raw_delete(connection.alias)
    rows = _rows(as_of, model_pk, scored)
    if connection.vendor == "postgresql":
        _copy(rows)
    else:
        Prediction.objects.bulk_create((_prediction(row) for row in rows), batch_size=BATCH)


def read_day(*, as_of: dt.date) -> pl.DataFrame:
    """customer_id, probability, risk_level and model_version of a day, by customer_id."""
    found = Prediction.objects.filter(as_of=as_of).order_by("customer__customer_id")
    rows = found.values_list("customer__customer_id", "probability", "risk_level", "model__version")
    schema = {"customer_id": pl.String, "probability": pl.Float64, "risk_level": pl.String, "model_version": pl.String}
    plain = [(customer, float(p), level, version) for customer, p, level, version in rows.iterator(chunk_size=10_000)]
    return pl.DataFrame(plain, schema=schema, orient="row")


def _rows(as_of: dt.date, model_pk: int, scored: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    columns = scored.select("customer_pk", *COLUMNS)
    for customer, probability, level, stage, told, reason, value in columns.iter_rows():
        chance, worth = Decimal(f"{probability:.6f}"), in_account_currency(value)
        yield customer, as_of, model_pk, chance, level, stage, told, reason, worth


def _copy(rows: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        statement = f"COPY predictions_prediction ({', '.join(FIELDS)}) FROM STDIN"
        with cursor.cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _prediction(row: tuple[Any, ...]) -> Prediction:
    values = dict(zip(FIELDS, row, strict=True))
    told = values.pop("reasons")
    return Prediction(**values, reasons=None if told is None else json.loads(told))
