"""What holds for every one of the 88 features."""

import csv
import math
import random
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictions.features.catalogue import FEATURES, LABELS, NUMERIC
from tests.predictions.features import plain, shops
from tests.predictions.features.plain import Shop

LISTED = list(csv.DictReader(Path(__file__).with_name("catalogue.csv").open(encoding="utf-8")))
WHOLE = ("int", "0/1")
each_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
SHOPS = [shops.random_shop(seed) for seed in range(30)]


def test_there_are_88_features_and_no_other():
    assert [feature.name for feature in FEATURES] == [row["name"] for row in LISTED]
    assert len(FEATURES) == len(LABELS) + len(NUMERIC) == 88


@each_feature
def test_a_feature_is_declared_as_it_is_listed(feature):
    row = LISTED[feature.number - 1]
    declared = (str(feature.number), feature.name, feature.family, feature.type.text, feature.when_none)
    assert declared == (row["number"], row["name"], row["family"], row["type"], row["when_none"])
    assert feature.description.endswith(".")


@each_feature
def test_a_feature_has_the_column_type_of_its_kind_even_with_no_row_at_all(feature):
    whole = feature.type.text.startswith(WHOLE)
    expected = pl.String if feature.type.text == "label" else pl.Int64 if whole else pl.Float64
    empty = shops.computed(Shop())
    assert empty.height == 0
    assert empty.schema[feature.name] == expected == shops.computed(SHOPS[0]).schema[feature.name]


@each_feature
def test_a_feature_of_a_customer_without_a_row_is_what_the_list_says(feature):
    alone = shops.computed(Shop(customers=[shops.customer(1)]))[feature.name].item()
    listed = feature.when_none.split(" ")[0]
    known = {"customer_age_days": 400, "rfm_combined_score": 1.0, "lifecycle_stage": "lapsed"}
    if feature.name in ("amount_vs_avg", "frequency_vs_avg"):
        assert alone == 0.0, "B was observed: 0 against 0 is no change"
    elif feature.name in known:
        assert alone == known[feature.name]
    elif listed == "null":
        assert alone is None
    else:
        assert str(alone).removesuffix(".0") == listed


@each_feature
def test_rows_of_the_as_of_date_or_later_change_nothing(feature):
    for index in range(len(SHOPS)):
        one, other = _computed(index)[feature.name], _without_future(index)[feature.name]
        assert one.equals(other, null_equal=True)


@each_feature
def test_the_order_of_the_rows_changes_no_bit(feature):
    for index in range(len(SHOPS)):
        one, other = _computed(index)[feature.name], _shuffled(index)[feature.name]
        assert one.equals(other, null_equal=True)


@each_feature
def test_a_feature_is_never_nan_nor_a_negative_zero(feature):
    if feature.dtype == pl.Float64:
        for index in range(len(SHOPS)):
            for value in _computed(index)[feature.name].drop_nulls():
                assert math.isfinite(value)
                assert value != 0 or math.copysign(1, value) == 1


@each_feature
def test_a_feature_agrees_with_the_plain_computation_on_seeded_shops(feature):
    for index in range(len(SHOPS)):
        _compare(_computed(index), _expected(index), [feature])


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=1000, max_value=10**9), st.integers(1, 6), st.integers(0, 250))
def test_all_features_agree_with_the_plain_computation_on_any_shop(seed, n_customers, n_events):
    shop = shops.random_shop(seed, n_customers=n_customers, n_events=n_events)
    _compare(shops.computed(shop), plain.features(shop, shops.AS_OF), FEATURES)


@cache
def _computed(index: int) -> pl.DataFrame:
    return shops.computed(SHOPS[index]).sort("customer_pk")


@cache
def _expected(index: int) -> dict:
    return plain.features(SHOPS[index], shops.AS_OF)


@cache
def _without_future(index: int) -> pl.DataFrame:
    shop = SHOPS[index]
    past = Shop(
        customers=[one for one in shop.customers if one["registered_on"] < shops.AS_OF],
        transactions=[one for one in shop.transactions if one["day"] < shops.AS_OF],
        interactions=[one for one in shop.interactions if one["day"] < shops.AS_OF],
        links=[one for one in shop.links if one["since"] < shops.AS_OF],
    )
    return shops.computed(past).sort("customer_pk")


@cache
def _shuffled(index: int) -> pl.DataFrame:
    pick, shop = random.Random(index), SHOPS[index]
    parts = (shop.customers, shop.transactions, shop.interactions, shop.links)
    return shops.computed(Shop(*(pick.sample(rows, len(rows)) for rows in parts))).sort("customer_pk")


def _compare(frame: pl.DataFrame, expected: dict, features) -> None:
    rows = {row["customer_pk"]: row for row in frame.iter_rows(named=True)}
    assert rows.keys() == expected.keys()
    for pk, row in rows.items():
        for feature in features:
            _same(feature, row[feature.name], expected[pk][feature.name])
        is_open = expected[pk]["account_status"] in ("active", "unknown")
        assert row["eligible"] == (is_open and expected[pk]["active_days_20d"] > 0)


def _same(feature, found, expected) -> None:
    if isinstance(expected, Fraction | float):
        assert found == pytest.approx(float(expected), rel=1e-12, abs=1e-12), feature.name
    else:
        assert found == expected, feature.name
