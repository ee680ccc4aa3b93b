"""Why a score changed: exact sums, and the facts in words."""

import pytest
from django.utils import translation

from healthscore.dimensions.configuration import Configuration
from healthscore.explanations import explain
from tests.healthscore.accounts import AS_OF, TIERS, day, plain, session, store, ticket
from tests.healthscore.plain import Account
from tests.healthscore.test_scoring import fading, steady

pytestmark = pytest.mark.django_db
CONFIGURATION = Configuration.of({"adoption_tiers": TIERS})


@pytest.mark.parametrize("account", [fading(), steady()], ids=["fading", "steady"])
def test_what_the_parts_changed_is_the_change_of_the_unrounded_score(account):
    customer = store([account])[0]
    found = explain(customer=customer, since=day(-30), until=AS_OF, configuration=CONFIGURATION)
    now = plain(account)
    assert found.change == pytest.approx(now.exact() - now.earlier().exact(), abs=1e-12)
    assert sum(part.change for part in found.parts) == pytest.approx(found.change, abs=1e-12)
    assert sum(found.by_dimension.values()) == pytest.approx(found.change, abs=1e-12)


def test_the_facts_are_told_in_words():
    tickets = [ticket(-40, priority="urgent", resolved_at=None), ticket(-50, priority="urgent", satisfaction=4.0)]
    tickets[1]["resolved_at"] = tickets[1]["created_at"]
    late = [ticket(-n, priority="urgent") for n in (2, 3)]
    account = Account(day(-400), "startup", support=[tickets[1], *late])
    customer = store([account])[0]
    found = explain(customer=customer, since=day(-30), until=AS_OF)
    one = next(part for part in found.parts if (part.dimension, part.part) == ("support", "resolution"))
    assert one.sentence == "Support −0.1333: 2 urgent tickets past 8 hours (before: 0 tickets past their limits)"
    assert any("Support" in sentence for sentence in found.sentences)


def test_a_part_that_stands_still_while_others_come_says_that_it_weighs_differently():
    account = Account(day(-400), "startup", payment_status="current", activity=[session(-1, depth=0.5)])
    found = explain(customer=store([account])[0], since=day(-30), until=AS_OF)
    one = next(part for part in found.parts if part.part == "status")
    assert "weighs differently" in one.sentence
    assert found.change == pytest.approx(plain(account, tiers={}).exact() - 1.0, abs=1e-12)


def test_before_the_customer_came_there_is_no_change_to_tell():
    found = explain(customer=store([Account(day(-10), payment_status="late")])[0], since=day(-30), until=AS_OF)
    assert (found.before, found.change) == (None, None)


def test_every_part_has_words_in_both_languages():
    customer = store([fading()])[0]
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found = explain(customer=customer, since=day(-30), until=AS_OF, configuration=CONFIGURATION)
            assert all(part.sentence for part in found.parts)
