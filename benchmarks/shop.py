"""A made-up shop for the benchmarks: seeded, skewed, in PostgreSQL by COPY, in a database of its own.

Customers differ in how much they do (log-normal rates: the busiest tenth does about half of all), come and go (each is
active from a day of registration, and two in five fade out before the end), and are linked to each other. Two in five
events are transactions, the rest interactions.
"""

import datetime as dt
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

SERVER = os.environ.get("BENCHMARK_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
AS_OF = dt.date(2026, 1, 1)
HISTORY_DAYS = 180
CHUNK = 500_000
ZONE_HOURS = 8
KINDS = ("login", "browse", "search", "support", "complaint", "feedback", "unsubscribe", "security")
KIND_SHARES = (0.38, 0.40, 0.12, 0.04, 0.015, 0.02, 0.005, 0.02)
CHANNELS = ("", "web", "mobile", "phone", "email", "store")


@dataclass(frozen=True)
class Shop:
    """How large the shop is, and the seed that makes it."""

    n_customers: int
    n_events: int
    seed: int = 20_260_101

    @property
    def n_transactions(self) -> int:
        return self.n_events * 2 // 5

    @property
    def n_interactions(self) -> int:
        return self.n_events - self.n_transactions


@contextmanager
def database(name: str) -> Iterator[str]:
    """The URL of an empty database, which is dropped afterwards."""
    with psycopg.connect(_url(SERVER), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def fill(*, url: str, shop: Shop) -> None:
    """Replace what the migrated database at `url` holds by the shop."""
    random = np.random.default_rng(shop.seed)
    people = People.make(shop, random)
    with psycopg.connect(_url(url)) as connection:
        # The rows are right by construction: checking ten million references one by one would take minutes.
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE customers_customer CASCADE")
        _copy(connection, "customers_customer", people.rows())
        _copy(connection, "customers_link", people.links(random))
        for table, total, make in (
            ("customers_transaction", shop.n_transactions, transactions),
            ("customers_interaction", shop.n_interactions, interactions),
        ):
            for start in range(0, total, CHUNK):
                _copy(connection, table, make(people, random, start, min(CHUNK, total - start)))
    with psycopg.connect(_url(url), autocommit=True) as connection:
        connection.execute("ANALYZE")


@dataclass(frozen=True)
class People:
    """Customers as arrays: the key, the share of all events, the first and the last day on which they do anything."""

    pks: np.ndarray
    shares: np.ndarray
    first_age: np.ndarray
    last_age: np.ndarray
    registered_age: np.ndarray

    @classmethod
    def make(cls, shop: Shop, random: np.random.Generator) -> "People":
        n = shop.n_customers
        rates = random.lognormal(0, 1.2, n)
        registered = random.integers(1, 1500, n)
        fades = random.random(n) < 0.4
        last = np.where(fades, random.integers(1, 120, n), 1)
        first = np.maximum(np.minimum(registered, HISTORY_DAYS), last)
        return cls(np.arange(1, n + 1), rates / rates.sum(), first, last, np.maximum(registered, first))

    def rows(self) -> pl.DataFrame:
        n = len(self.pks)
        frame = pl.DataFrame({"id": self.pks, "age": self.registered_age})
        number = pl.col("id")
        now = pl.lit("2026-01-01 00:00:00+00")
        frame = frame.with_columns(
            customer_id=pl.format("C{}", number.cast(pl.String).str.zfill(9)),
            registered_on=pl.lit(AS_OF) - pl.duration(days=pl.col("age")),
            name=pl.lit(""),
            customer_type=pl.format("type {}", number % 4),
            region=pl.format("region {}", number % 17),
            age_group=pl.format("group {}", number % 6),
            gender=pl.format("{}", number % 2),
            vip_level=number % 5,
            account_status=pl.when(number % 50 == 0).then(pl.lit("closed")).otherwise(pl.lit("active")),
            registration_channel=pl.format("channel {}", number % 5),
            referred_by=pl.when(number % 10 == 3)
            .then(pl.format("C{}", ((number * 7919) % n + 1).cast(pl.String).str.zfill(9)))
            .otherwise(pl.lit("")),
            industry=pl.lit(""),
            company_size=pl.lit(""),
            payment_status=pl.lit(""),
            created_at=now,
            updated_at=now,
        )
        return frame.drop("age")

    def links(self, random: np.random.Generator) -> pl.DataFrame:
        """As many links as customers, each once, the lower key first."""
        pairs = random.integers(1, len(self.pks) + 1, (len(self.pks), 2))
        frame = pl.DataFrame({"low_id": pairs.min(axis=1), "high_id": pairs.max(axis=1)})
        frame = frame.filter(pl.col("low_id") < pl.col("high_id")).unique(maintain_order=True)
        return frame.with_columns(since=pl.lit(AS_OF) - pl.duration(days=pl.col("low_id") % 900)).with_row_index(
            "id", offset=1
        )

    def moments(self, random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Whose each of n events is, and its time in microseconds since 1970."""
        who = random.choice(len(self.pks), n, p=self.shares)
        first, last = self.first_age[who], self.last_age[who]
        age = last + (random.random(n) * (first - last + 1)).astype(np.int64)
        hour = np.clip(random.normal(15, 4.5, n), 0, 23.99)
        midnight = (AS_OF - dt.date(1970, 1, 1)).days - age
        seconds = midnight * 86_400 + (hour * 3600).astype(np.int64) - ZONE_HOURS * 3600
        return self.pks[who], seconds * 1_000_000 + random.integers(0, 10**6, n)


def transactions(people: People, random: np.random.Generator, start: int, n: int) -> pl.DataFrame:
    who, micros = people.moments(random, n)
    cents = np.maximum(1, random.lognormal(8.5, 1.1, n)).astype(np.int64)
    statuses = np.array(["completed", "refunded", "failed"])
    return pl.DataFrame(
        {
            "id": np.arange(start + 1, start + n + 1),
            "customer_id": who,
            "occurred_at": pl.Series(micros).cast(pl.Datetime("us", "UTC")),
            "amount": cents / 100,
            "category": np.minimum(random.geometric(0.15, n), 30),
            "method": random.integers(0, 5, n),
            "status": statuses[random.choice(3, n, p=(0.95, 0.03, 0.02))],
        }
    ).select(
        "id",
        pl.format("T{}", pl.col("id")).alias("transaction_id"),
        "customer_id",
        "occurred_at",
        "amount",
        pl.format("category {}", pl.col("category")).alias("product_category"),
        pl.when(pl.col("method") == 0)
        .then(pl.lit(""))
        .otherwise(pl.format("method {}", pl.col("method")))
        .alias("payment_method"),
        "status",
    )


def interactions(people: People, random: np.random.Generator, start: int, n: int) -> pl.DataFrame:
    who, micros = people.moments(random, n)
    kinds = np.array(KINDS)[random.choice(len(KINDS), n, p=KIND_SHARES)]
    frame = pl.DataFrame(
        {
            "id": np.arange(start + 1, start + n + 1),
            "customer_id": who,
            "occurred_at": pl.Series(micros).cast(pl.Datetime("us", "UTC")),
            "kind": kinds,
            "channel": np.array(CHANNELS)[random.integers(0, len(CHANNELS), n)],
            "duration": random.integers(1, 1800, n),
            "depth": random.integers(1, 20, n),
            "given": random.integers(0, 10, n),
            "competitor": random.random(n) < 0.02,
        }
    )
    kind = pl.col("kind")
    return frame.select(
        "id",
        pl.format("I{}", pl.col("id")).alias("interaction_id"),
        "customer_id",
        "occurred_at",
        "kind",
        "channel",
        pl.when(kind.is_in(("login", "browse", "support")) & (pl.col("given") < 9))
        .then("duration")
        .alias("duration_seconds"),
        pl.when((kind == "browse") & (pl.col("given") < 9)).then("depth").alias("page_depth"),
        pl.when(kind.is_in(("support", "complaint", "feedback")) & (pl.col("given") < 5))
        .then(pl.col("given") + 1)
        .alias("satisfaction"),
        pl.when((kind == "search") & pl.col("competitor"))
        .then(pl.lit("competitor"))
        .otherwise(pl.lit(""))
        .alias("topic"),
    )


def _copy(connection: psycopg.Connection, table: str, frame: pl.DataFrame) -> None:
    """COPY a frame whose columns are the table's; null is an unquoted empty cell, '' a quoted one."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, quote_style="non_numeric")
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, FORCE_NULL ({}))").format(
        sql.Identifier(table), columns, sql.SQL(", ").join(map(sql.Identifier, _nullable(frame)))
    )
    if not _nullable(frame):
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(buffer.getvalue())


def _nullable(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if frame[name].null_count()]


def _url(url: str) -> str:
    return url.replace("postgres://", "postgresql://", 1)
