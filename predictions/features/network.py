"""Who is whose neighbour at an as-of date: friends, customers referred, the referrer."""

import datetime as dt

import polars as pl

FLAGS = ("is_friend", "is_referred", "is_referrer")


def neighbours(
    *, as_of: dt.date, customers: pl.DataFrame, links: pl.DataFrame, active_days: pl.DataFrame
) -> pl.DataFrame:
    """One row for each customer and distinct neighbour, both registered before `as_of`, with the neighbour's activity.

    customers: customer_pk, registered_on, referrer_pk (null where there is none or it is not known).
    links: low_pk, high_pk, since; either way round. active_days: customer_pk, active_days in the 20 days before.
    Returns customer_pk, neighbour_pk, is_friend, is_referred, is_referrer, active_days.
    """
    known = customers.filter(pl.col("registered_on") < as_of)
    pairs = pl.concat([_friends(links.filter(pl.col("since") < as_of)), _referrals(known)])
    members = known.select("customer_pk")
    return (
        pairs.filter(pl.col("customer_pk") != pl.col("neighbour_pk"))
        .join(members, on="customer_pk", how="semi")
        .join(members, left_on="neighbour_pk", right_on="customer_pk", how="semi")
        .group_by("customer_pk", "neighbour_pk")
        .agg(pl.col(flag).any() for flag in FLAGS)
        .join(active_days, left_on="neighbour_pk", right_on="customer_pk", how="left")
        .with_columns(pl.col("active_days").cast(pl.Int64).fill_null(0))
    )


def members(*, customers: pl.DataFrame, links: pl.DataFrame) -> pl.Series:
    """The customers that are anyone's neighbour: only their activity is needed."""
    referrals = customers.drop_nulls("referrer_pk")
    columns = [links["low_pk"], links["high_pk"], referrals["customer_pk"], referrals["referrer_pk"]]
    return pl.concat([column.alias("customer_pk").cast(pl.Int64) for column in columns]).unique()


def _friends(links: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([_pairs(links, "low_pk", "high_pk", "is_friend"), _pairs(links, "high_pk", "low_pk", "is_friend")])


def _referrals(customers: pl.DataFrame) -> pl.DataFrame:
    given = customers.drop_nulls("referrer_pk")
    return pl.concat(
        [
            _pairs(given, "customer_pk", "referrer_pk", "is_referrer"),
            _pairs(given, "referrer_pk", "customer_pk", "is_referred"),
        ]
    )


def _pairs(frame: pl.DataFrame, one: str, other: str, flag: str) -> pl.DataFrame:
    flags = {name: pl.lit(name == flag) for name in FLAGS}
    return frame.select(
        pl.col(one).cast(pl.Int64).alias("customer_pk"), pl.col(other).cast(pl.Int64).alias("neighbour_pk"), **flags
    )
