"""Rows in the database for the tests of sources, labels and snapshots."""

import datetime as dt
from zoneinfo import ZoneInfo

from customers.models import Customer, Interaction, Link, Transaction
from tests.predictions.features.plain import Shop

ZONE = ZoneInfo("Asia/Shanghai")


def store(shop: Shop, *, zone: ZoneInfo = ZONE) -> dict[int, int]:
    """Put a shop of plain rows into the database; returns its keys by those of the plain rows."""
    labels = ("customer_type", "region", "age_group", "gender", "account_status", "registration_channel", "referred_by")
    keys = {}
    for row in shop.customers:
        texts = {name: row[name] or "" for name in labels}
        dates = {name: row[name] for name in ("registered_on", "status_since", "vip_level")}
        keys[row["customer_pk"]] = Customer.objects.create(customer_id=row["customer_id"], **texts, **dates).pk
    Transaction.objects.bulk_create(_transaction(n, row, keys, zone) for n, row in enumerate(shop.transactions))
    Interaction.objects.bulk_create(_interaction(n, row, keys, zone) for n, row in enumerate(shop.interactions))
    for row in shop.links:
        if {row["low_pk"], row["high_pk"]} <= keys.keys():
            low, high = sorted((keys[row["low_pk"]], keys[row["high_pk"]]))
            link, is_new = Link.objects.get_or_create(low_id=low, high_id=high, defaults={"since": row["since"]})
            if not is_new and row["since"] < link.since:
                Link.objects.filter(pk=link.pk).update(since=row["since"])
    return keys


def at(day: dt.date, hour: int = 12, zone: ZoneInfo = ZONE) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, 59, 59, 999999), tzinfo=zone)


def _transaction(n: int, row: dict, keys: dict, zone: ZoneInfo) -> Transaction:
    return Transaction(
        transaction_id=f"T{n}",
        customer_id=keys[row["customer_pk"]],
        occurred_at=at(row["day"], row["hour"], zone),
        amount=f"{row['cents'] // 100}.{row['cents'] % 100:02}",
        product_category=row["category"] or "",
        payment_method=row["method"] or "",
        status=row["status"],
    )


def _interaction(n: int, row: dict, keys: dict, zone: ZoneInfo) -> Interaction:
    return Interaction(
        interaction_id=f"I{n}",
        customer_id=keys[row["customer_pk"]],
        occurred_at=at(row["day"], 23, zone),
        kind=row["kind"],
        channel=row["channel"] or "",
        topic="competitor" if row["is_competitor"] else "something else",
        **{name: row[name] for name in ("duration_seconds", "page_depth", "satisfaction")},
    )
