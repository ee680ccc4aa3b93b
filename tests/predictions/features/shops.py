"""Small shops for the tests: rows that sit on the edges of every window, and frames made of them."""

import datetime as dt
import random

import polars as pl

from customers.churn import CHANNELS, INTERACTION_KINDS
from predictions.features import engine, network
from tests.predictions.features.plain import Shop

AS_OF = dt.date(2024, 6, 3)  # a Monday
EDGES = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 14, 15, 16, 20, 21, 27, 28, 41, 56, 57, 179, 180, 181]
REGISTERED = [-1, 0, 1, 2, 7, 19, 20, 21, 29, 30, 31, 100, 180, 181, 400]
LABELS = [None, "", "b", "a", "Z", "é", "日用品", "😀", "ﬀ", "unknown", "none"]
CENTS = [1, 1999, 2000, 9_999, 10_000, 10_001, 33_333, 500_000, 10**14]


def ago(age: int) -> dt.date:
    return AS_OF - dt.timedelta(days=age)


def customer(pk: int, **given) -> dict:
    blank = dict.fromkeys(engine.CUSTOMERS)
    return blank | {"customer_pk": pk, "customer_id": f"C{pk}", "registered_on": ago(400), "referred_by": None} | given


def purchase(pk: int, age: int, cents: int = 1000, **given) -> dict:
    row = {"customer_pk": pk, "day": ago(age), "hour": 12, "cents": cents, "status": "completed"}
    return row | {"category": None, "method": None} | given


def contact(pk: int, age: int, kind: str = "login", **given) -> dict:
    row = {"customer_pk": pk, "day": ago(age), "kind": kind, "is_competitor": False}
    return row | dict.fromkeys(("channel", "duration_seconds", "page_depth", "satisfaction")) | given


def random_shop(seed: int, *, n_customers: int = 8, n_events: int = 120) -> Shop:
    """Seeded rows, many on an edge, some of the future, some before the registration."""
    pick = random.Random(seed)
    shop = Shop(customers=[_customer(pick, pk, n_customers) for pk in range(1, n_customers + 1)])
    busy = pick.randint(1, n_customers)
    for _ in range(pick.randint(0, n_events)):
        pk = pick.choice([busy, pick.randint(1, n_customers)])
        age = pick.choice([*EDGES, pick.randint(1, 27), pick.randint(1, 190)])
        add = pick.choice([_purchase, _contact, _contact])
        add(pick, shop, pk, age)
    for _ in range(pick.randint(0, 2 * n_customers)):
        ends = sorted(pick.choices(range(1, n_customers + 2), k=2))
        shop.links.append({"low_pk": ends[0], "high_pk": ends[1], "since": ago(pick.choice([-1, 0, 1, 30]))})
    return shop


def _customer(pick: random.Random, pk: int, n: int) -> dict:
    labels = ("customer_type", "region", "age_group", "gender", "registration_channel")
    return customer(
        pk,
        registered_on=ago(pick.choice(REGISTERED)),
        vip_level=pick.choice([None, 0, 3]),
        account_status=pick.choice([None, "", "active", "unknown", "closed"]),
        status_since=pick.choice([None, ago(-1), ago(0), ago(1)]),
        referred_by=pick.choice([None, "", "C1", "C2", f"C{pk}", "nobody", f"C{pick.randint(1, n)}"]),
        **{label: pick.choice(LABELS) for label in labels},
    )


def _purchase(pick: random.Random, shop: Shop, pk: int, age: int) -> None:
    row = purchase(pk, age, pick.choice(CENTS), hour=pick.choice([0, 17, 18, 23]), method=pick.choice(LABELS))
    status = pick.choice(["completed", "completed", "completed", "refunded", "failed"])
    shop.transactions.append(row | {"status": status, "category": pick.choice(LABELS)})


def _contact(pick: random.Random, shop: Shop, pk: int, age: int) -> None:
    optional = {
        "channel": pick.choice([None, *CHANNELS]),
        "duration_seconds": pick.choice([None, 0, 59, 10**12]),
        "page_depth": pick.choice([None, 0, 7]),
        "satisfaction": pick.choice([None, 1, 2, 3, 5]),
        "is_competitor": pick.choice([True, False]),
    }
    shop.interactions.append(contact(pk, age, pick.choice(INTERACTION_KINDS), **optional))


def computed(shop: Shop, as_of: dt.date = AS_OF) -> pl.DataFrame:
    """The engine's features of the shop."""
    return engine.compute(as_of=as_of, **frames(shop, as_of))


def frames(shop: Shop, as_of: dt.date = AS_OF) -> dict[str, pl.DataFrame]:
    schema = {**engine.CUSTOMERS, "referred_by": pl.String()}
    customers = pl.DataFrame(shop.customers, schema=schema, orient="row")
    referrers = customers.select(referred_by="customer_id", referrer_pk="customer_pk")
    people = customers.join(referrers, on="referred_by", how="left", maintain_order="left")
    links = pl.DataFrame(
        shop.links, schema={"low_pk": pl.Int64(), "high_pk": pl.Int64(), "since": pl.Date()}, orient="row"
    )
    transactions = pl.DataFrame(shop.transactions, schema=engine.TRANSACTIONS, orient="row")
    interactions = pl.DataFrame(shop.interactions, schema=engine.INTERACTIONS, orient="row")
    active = pl.concat(
        [
            transactions.filter(engine.IS_PURCHASE).select("customer_pk", "day"),
            interactions.filter(engine.IS_ACTIVITY).select("customer_pk", "day"),
        ]
    )
    active = active.filter(pl.col("day") >= as_of - dt.timedelta(days=20), pl.col("day") < as_of).unique()
    active_days = active.group_by("customer_pk").agg(active_days=pl.len())
    return {
        "customers": customers.drop("referred_by"),
        "transactions": transactions,
        "interactions": interactions,
        "neighbours": network.neighbours(as_of=as_of, customers=people, links=links, active_days=active_days),
    }
