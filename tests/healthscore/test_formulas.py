"""The engine against the same formulas written out plainly, on made-up accounts full of edges."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthscore.dimensions import alerts, engine
from healthscore.dimensions.advice import weakest
from healthscore.dimensions.alerts import Situation
from healthscore.dimensions.catalogue import BY_NAME, NAMES
from healthscore.dimensions.configuration import Configuration
from tests.healthscore.accounts import AS_OF, NEW_YORK, SHANGHAI, TIERS, accounts, day, plain, rows

CONFIGURATION = Configuration.of({"adoption_tiers": TIERS})
ZONES = (SHANGHAI, NEW_YORK)
several = {zone: st.lists(accounts(zone), min_size=1, max_size=6) for zone in ZONES}


def scored(found, **given):
    return engine.scores(rows=rows(found, **given), configuration=CONFIGURATION)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_part_dimension_and_score_is_what_the_description_says(zone, data):
    found = data.draw(several[zone])
    frame = {row["customer_pk"]: row for row in scored(found, zone=zone).to_dicts()}
    for key, account in enumerate(found, start=1):
        expected = plain(account, zone=zone)
        if account.registered_on >= AS_OF:
            assert key not in frame
            continue
        row = frame[key]
        for name, parts in expected.parts().items():
            values = [row[f"{name}.{part.name}"] for part in BY_NAME[name].parts]
            assert values == pytest.approx([value for _weight, value in parts], abs=1e-9), name
        assert {name: row[name] for name in NAMES} == pytest.approx(expected.dimensions(), abs=1e-9)
        assert row["coverage"] == pytest.approx(expected.coverage(), abs=1e-9)
        assert row["mrr"] == pytest.approx(expected.mrr(), abs=1e-6)
        assert row["score"] == expected.score()


def standing(found, zone):
    """A date's alerts by customer, as code → (value, threshold)."""
    known = rows(found, zone=zone)
    now = engine.scores(rows=known, configuration=CONFIGURATION)
    before = scored(found, zone=zone, as_of=day(-30))
    now = now.with_columns(grade=engine.grades(now["score"], CONFIGURATION))
    before = before.with_columns(grade_before=engine.grades(before["score"], CONFIGURATION), score_before="score")
    both = now.join(before.select("customer_pk", "score_before", "grade_before"), on="customer_pk", how="left")
    return alerts.raised(Situation(rows=known, scored=both, configuration=CONFIGURATION))


@pytest.mark.parametrize("zone", ZONES, ids=str)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_alert_holds_where_the_description_says_once_a_customer(zone, data):
    found = data.draw(several[zone])
    raised = standing(found, zone)
    assert raised.select("customer_pk", "code").is_duplicated().sum() == 0
    for key, account in enumerate(found, start=1):
        mine = {row["code"]: (row["value"], row["threshold"]) for row in raised.to_dicts() if row["customer_pk"] == key}
        expected = {} if account.registered_on >= AS_OF else plain(account, zone=zone).alerts()
        assert mine.keys() == expected.keys()
        for code, figures in expected.items():
            assert mine[code] == pytest.approx(figures, abs=1e-6), code


@settings(max_examples=30, deadline=None)
@given(found=several[SHANGHAI], seed=st.integers(0, 999))
def test_the_order_of_the_rows_changes_no_bit(found, seed):
    def shuffled(table):
        return random.Random(seed).sample(table, len(table))

    assert scored(found).equals(scored(found, order=shuffled), null_equal=True)


@settings(max_examples=40, deadline=None)
@given(found=several[SHANGHAI], later=several[SHANGHAI])
def test_no_fact_of_the_date_or_later_changes_a_score(found, later):
    before = scored(found)
    for one, more in zip(found, later, strict=False):
        one.sales += [row for row in more.sales if row["deal_on"] >= AS_OF]
        one.support += [row for row in more.support if row["created_at"].astimezone(SHANGHAI).date() >= AS_OF]
        one.activity += [row for row in more.activity if row["at"].astimezone(SHANGHAI).date() >= AS_OF]
        if one.contract_on is None and more.contract_on and more.contract_on >= AS_OF:
            one.contract_on = more.contract_on
        for ticket in one.support:
            ticket["resolved_at"] = ticket["resolved_at"] or max(ticket["created_at"], plain(one).midnight())
    assert before.equals(scored(found), null_equal=True)


@settings(max_examples=40, deadline=None)
@given(found=several[SHANGHAI])
def test_what_the_parts_add_makes_up_the_score(found):
    frame = scored(found)
    added = engine.contributions(frame, CONFIGURATION)
    for row, whole in zip(added.drop("customer_pk").iter_rows(), frame["exact"], strict=True):
        assert sum(row) == pytest.approx(whole or 0.0, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(account=accounts())
def test_the_weakest_two_are_those_that_cost_most(account):
    expected = plain(account)
    assert weakest(scores=expected.dimensions(), weights=expected.weights()) == expected.weakest()
