"""The second rival: FastAPI with SQLAlchemy, synchronous, with the same work and the same check of the key."""

import hashlib
import os
import time
from collections.abc import Iterator
from typing import Annotated

import orjson
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import Response
from sqlalchemy import MetaData, Table, and_, create_engine, func, or_, select
from sqlalchemy.orm import Session

from benchmarks.shop import AS_OF

ENGINE = create_engine(os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg://", 1), pool_size=40)
NAMES = ("customers_customer", "predictions_prediction", "predictions_modelversion", "healthscore_healthscore")
META = MetaData()
META.reflect(ENGINE, only=[*NAMES, "customers_hold", "customers_apikey"])
CUSTOMER, PREDICTION, MODEL, HEALTH = (META.tables[name] for name in NAMES)
HOLD, KEY = META.tables["customers_hold"], META.tables["customers_apikey"]
LATEST = PREDICTION.alias()
LAST_SCORE = HEALTH.alias()
KNOWN_FOR = 10.0
_known: dict[str, float] = {}
app = FastAPI()


def session() -> Iterator[Session]:
    with Session(ENGINE) as one:
        yield one


Database = Annotated[Session, Depends(session)]


def caller(authorization: str = Header()) -> None:
    digest = hashlib.sha256(authorization.removeprefix("Api-Key ").encode()).hexdigest()
    if _known.get(digest, 0.0) > time.monotonic():
        return
    with ENGINE.connect() as connection:
        if (
            connection.execute(select(KEY.c.id).where(KEY.c.digest == digest, KEY.c.revoked_at.is_(None))).first()
            is None
        ):
            raise HTTPException(401)
    _known[digest] = time.monotonic() + KNOWN_FOR


def _latest(table: Table, alias) -> object:
    return select(func.max(alias.c.as_of)).where(alias.c.customer_id == CUSTOMER.c.id).scalar_subquery()


STATEMENT = (
    select(
        *(CUSTOMER.c.customer_id, PREDICTION.c.as_of, PREDICTION.c.probability, PREDICTION.c.risk_level),
        *(PREDICTION.c.lifecycle_stage, PREDICTION.c.main_reason, PREDICTION.c.reasons, PREDICTION.c.monthly_value),
        *(MODEL.c.version, HEALTH.c.as_of.label("scored"), HEALTH.c.score, HEALTH.c.grade),
        *(HOLD.c.kind, HOLD.c.source, HOLD.c.until),
    )
    .select_from(CUSTOMER)
    .join(PREDICTION, PREDICTION.c.customer_id == CUSTOMER.c.id)
    .join(MODEL, MODEL.c.id == PREDICTION.c.model_id)
    .outerjoin(HEALTH, and_(HEALTH.c.customer_id == CUSTOMER.c.id, HEALTH.c.as_of == _latest(HEALTH, LAST_SCORE)))
    .outerjoin(
        HOLD,
        and_(
            HOLD.c.customer_id == CUSTOMER.c.id,
            HOLD.c.since <= AS_OF,
            or_(HOLD.c.until.is_(None), HOLD.c.until > AS_OF),
        ),
    )
)
ONE = STATEMENT.where(PREDICTION.c.as_of == _latest(PREDICTION, LATEST))


@app.get("/api/v1/customers/{customer_id}/prediction/", dependencies=[Depends(caller)])
def prediction(customer_id: str, database: Database) -> Response:
    row = database.execute(ONE.where(CUSTOMER.c.customer_id == customer_id)).first()
    if row is None:
        raise HTTPException(404)
    return Response(orjson.dumps(_told(row)), media_type="application/json")


@app.get("/api/v1/predictions/", dependencies=[Depends(caller)])
def predictions(database: Database) -> Response:
    chosen = STATEMENT.where(PREDICTION.c.as_of == AS_OF).order_by(
        PREDICTION.c.probability.desc(), PREDICTION.c.customer_id
    )
    rows = database.execute(chosen.limit(51)).all()
    return Response(orjson.dumps({"results": [_told(row) for row in rows[:50]]}), media_type="application/json")


def _told(row) -> dict:
    return {
        **{
            name: getattr(row, name)
            for name in ("customer_id", "as_of", "risk_level", "lifecycle_stage", "main_reason")
        },
        "probability": float(row.probability),
        "monthly_value": float(row.monthly_value),
        "model_version": row.version,
        "reasons": [{**one, "sentence": one["sentence"]["en"]} for one in row.reasons],
        "health_score": {"as_of": row.scored, "score": float(row.score), "grade": row.grade},
        "held_back": row.kind and {"kind": row.kind, "source": row.source, "until": row.until},
    }
