"""The whole analysis and its JSON: what is null and why, Holm over the arms, and the verdict."""

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import Arm, Code, Moments, Options, Paired, Proportion, Reason, Words, analyse
from experiments.stats.planner import Plan, needed_customers
from experiments.stats.reasons import ZH, chinese, joined

SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)


def arm(name: str, events: int, n: int, *, enrolled: int | None = None, share: float = 1.0, **amounts) -> Arm:
    return Arm(
        name=name,
        enrolled=n if enrolled is None else enrolled,
        outcome=Proportion(n=n, events=events),
        share=share,
        **amounts,
    )


def document(*arms: Arm, **options):
    return json.loads(json.dumps(analyse(arms, options=Options(**options)).to_document(), allow_nan=False))


def comparison(*arms: Arm, **options):
    return document(*arms, **options)["comparisons"][0]


def nulls(part, reason: str | None = None) -> list[tuple[str, str | None]]:
    """Each null of a document with the reason that stands with it or around it."""
    reason = part.get("reason", reason)
    found = [(name, reason) for name, value in part.items() if value is None]
    for inner in part.values():
        found += nulls(inner, reason) if isinstance(inner, dict) else []
    return found


def amounts(rows) -> dict:
    table = np.array(rows, dtype=float).reshape(-1, 2)
    return {"metric": Moments.of(table[:, 1]), "paired": Paired.of(x=table[:, 0], y=table[:, 1])}


@st.composite
def arms(draw) -> list[Arm]:
    made = []
    for name in "cab"[: draw(st.integers(2, 3))]:
        n = draw(st.integers(0, 12))
        rows = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 2)), max_size=n))
        enrolled = n + draw(st.integers(1, 5))
        made.append(arm(name, draw(st.integers(0, n)), n, enrolled=enrolled, **amounts(rows)))
    return made


@SETTINGS
@given(arms(), st.booleans())
def test_every_null_of_any_table_has_a_reason_and_every_figure_is_finite(table, is_good):
    found = document(*table, is_event_good=is_good)
    for part in [*found["arms"], *found["comparisons"]]:
        assert all(reason for _name, reason in nulls(part)), part
    for each in found["comparisons"]:
        for fixed, wide in ((each["difference_ci"], each["sequential"]["ci"]),):
            assert wide is None or wide[0] <= fixed[0] <= each["difference"] <= fixed[1] <= wide[1]
        assert (each["p_value"] is None) == (each["p_adjusted"] is None) == (each["test"] is None)


@SETTINGS
@given(arms())
def test_what_is_bad_in_one_reading_is_good_in_the_other(table):
    for bad, good in zip(
        document(*table)["comparisons"], document(*table, is_event_good=True)["comparisons"], strict=True
    ):
        assert bad["p_value"] == good["p_value"]
        assert bad["metric"] == good["metric"]
        if bad["difference"] is not None:
            assert bad["difference"] == -good["difference"]
            assert bad["bayes"]["probability_better"] + good["bayes"]["probability_better"] == pytest.approx(1)


def test_a_difference_above_0_is_better():
    bad = comparison(arm("c", 30, 100), arm("t", 20, 100))
    good = comparison(arm("c", 30, 100), arm("t", 20, 100), is_event_good=True)
    assert bad["difference"] == pytest.approx(0.1)
    assert bad["relative"] == pytest.approx(1 / 3)
    assert bad["number_needed_to_treat"] == pytest.approx(10)
    assert good["difference"] == pytest.approx(-0.1)
    assert good["relative"] == pytest.approx(-1 / 3)
    assert good["number_needed_to_treat"] == pytest.approx(-10)


def test_events_are_the_1s_also_where_1_is_good():
    (control, treated) = document(arm("c", 3, 10), arm("t", 8, 10), is_event_good=True)["arms"]
    assert (control["events"], treated["events"], treated["rate"]) == (3, 8, 0.8)


def test_more_is_good_of_an_amount_whatever_the_outcome_is():
    rows = (
        arm("c", 3, 4, **amounts([(1, 10), (2, 12), (1, 11)])),
        arm("t", 1, 4, **amounts([(1, 20), (2, 22), (1, 23)])),
    )
    for is_good in (False, True):
        metric = comparison(*rows, is_event_good=is_good)["metric"]
        assert metric["difference"] == pytest.approx(metric["mean_arm"] - metric["mean_control"])
        assert metric["difference"] > 0


def test_a_control_without_events_has_no_relative_difference():
    found = comparison(arm("c", 0, 100), arm("t", 9, 100))
    assert (found["relative"], found["relative_ci"]) == (None, None)
    assert found["reason"] == Reason.CONTROL_HAS_NONE
    assert found["difference_ci"] is not None
    assert found["bayes"]["expected_loss"] > 0


def test_an_arm_without_events_keeps_its_relative_difference_without_an_interval():
    found = comparison(arm("c", 12, 100), arm("t", 0, 100))
    assert (found["relative"], found["relative_ci"]) == (1, None)
    assert found["reason"] == Reason.ARM_HAS_NONE


@pytest.mark.parametrize(("events", "relative"), [(0, None), (1, 0)])
def test_where_nobody_or_everybody_had_the_event_there_is_no_test_but_rates_and_intervals_stay(events, relative):
    found = document(arm("c", 20 * events, 20), arm("t", 30 * events, 30))
    (each,) = found["comparisons"]
    assert [each[name] for name in ("p_value", "p_adjusted", "test")] == [None] * 3
    assert (each["sequential"]["p_value"], each["sequential"]["ci"]) == (None, None)
    assert each["sequential"]["reason"] == Reason.ALL_ALIKE
    assert (each["difference"], each["relative"], each["relative_ci"]) == (0, relative, None)
    assert each["difference_ci"][0] < 0 < each["difference_ci"][1]
    assert each["number_needed_to_treat"] is None
    assert Reason.ALL_ALIKE in each["reason"]
    assert Reason.NO_DIFFERENCE in each["reason"]
    assert 0 < each["bayes"]["probability_better"] < 1
    assert [each["rate"] for each in found["arms"]] == [events, events]


def test_an_empty_arm_is_listed_and_compared_with_nothing():
    found = document(arm("c", 3, 10), arm("none", 0, 0, enrolled=10), arm("t", 5, 10))
    empty = found["arms"][1]
    assert (empty["n"], empty["events"], empty["rate"], empty["rate_ci"]) == (0, 0, None, None)
    assert empty["reason"] == Reason.NO_KNOWN
    none, other = found["comparisons"]
    figures = {name for name, value in none.items() if value is None}
    assert figures == {
        *("difference", "difference_ci", "relative", "relative_ci", "p_value", "p_adjusted", "test"),
        *("number_needed_to_treat", "metric"),
    }
    assert none["reason"] == Reason.EMPTY_ARM
    assert none["bayes"]["probability_better"] is None
    assert other["p_adjusted"] == other["p_value"]


def test_an_empty_control_leaves_no_comparison_but_the_arms_stay():
    found = document(arm("c", 0, 0, enrolled=10), arm("t", 5, 10))
    assert found["comparisons"][0]["difference"] is None
    assert found["verdict"]["code"] == "inconclusive"
    assert found["arms"][1]["rate"] == 0.5


def test_holm_is_over_the_arms_that_have_a_p():
    found = document(arm("c", 30, 100), arm("t", 15, 100), arm("u", 18, 100), arm("none", 0, 0, enrolled=100))
    first, second, third = found["comparisons"]
    assert first["p_adjusted"] == pytest.approx(2 * first["p_value"])
    assert second["p_adjusted"] == pytest.approx(max(second["p_value"], first["p_adjusted"]))
    assert third["p_adjusted"] is None


def test_a_fisher_table_has_no_always_valid_figures_and_says_why():
    found = comparison(arm("c", 3, 20), arm("t", 1, 20))
    assert found["test"] == "fisher"
    assert found["sequential"] == {"p_value": None, "ci": None, "reason": str(Reason.FEW_FOR_SEQUENTIAL)}
    assert "reason" not in found


def test_amounts_that_do_not_vary_keep_means_and_difference():
    same = [(1, 5), (2, 5), (3, 5)]
    metric = comparison(arm("c", 1, 3, **amounts(same)), arm("t", 2, 3, **amounts([(1, 7), (2, 7), (4, 7)])))["metric"]
    assert (metric["mean_control"], metric["mean_arm"], metric["difference"]) == (5, 7, 2)
    assert (metric["ci"], metric["p_value"], metric["reason"]) == (None, None, Reason.AMOUNTS_ALIKE)


def test_an_arm_without_amounts_has_no_mean():
    metric = comparison(arm("c", 1, 3, **amounts([(1, 5), (2, 6)])), arm("t", 2, 3, **amounts([])))["metric"]
    assert (metric["mean_control"], metric["mean_arm"], metric["difference"]) == (5.5, None, None)
    assert metric["reason"] == Reason.NO_AMOUNTS
    assert metric["cuped"]["reason"] == Reason.NO_COVARIATE


def test_the_sample_ratio_counts_everybody_enrolled_and_stops_the_verdict_alone():
    sound = document(arm("c", 40, 100), arm("t", 20, 100))
    found = document(arm("c", 40, 100), arm("t", 20, 100, enrolled=200))
    assert found["srm"]["flag"]
    assert found["verdict"]["code"] == "sample_ratio"
    assert found["comparisons"] == sound["comparisons"]
    for name, sentence in (("c", "100"), ("t", "200")):
        for language in ("en", "zh"):
            assert f"“{name}”" in found["verdict"][language]
            assert sentence in found["verdict"][language]


@pytest.mark.parametrize(
    ("arms", "code"),
    [
        ([(40, 100), (20, 100)], "effective"),
        ([(20, 100), (40, 100)], "harmful"),
        ([(20, 100), (22, 100)], "inconclusive"),
        ([(30, 100), (60, 100), (10, 100)], "effective"),
        ([(30, 100), (60, 100), (29, 100)], "harmful"),
        ([(0, 100), (0, 100)], "inconclusive"),
    ],
)
def test_a_better_arm_counts_before_a_worse_one_and_that_before_none(arms, code):
    found = document(*(arm(name, *counts) for name, counts in zip("cab", arms, strict=False)))
    assert found["verdict"]["code"] == code


def test_the_adjusted_p_decides():
    """p = 0.033 for one arm: enough alone, too much as one of two."""
    control, treated = arm("c", 60, 200), arm("t", 41, 200)
    assert document(control, treated)["verdict"]["code"] == "effective"
    found = document(control, treated, arm("u", 60, 200))
    assert found["comparisons"][0]["p_value"] < 0.05 < found["comparisons"][0]["p_adjusted"]
    assert found["verdict"]["code"] == "inconclusive"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sentence_has_the_figures_of_every_arm(language):
    sentence = document(arm("none", 60, 200), arm("mail", 30, 200), arm("call", 55, 200))["verdict"][language]
    for figure in ("“none”", "“mail”", "“call”", "30.00%", "15.00%", "27.50%", "2.50"):
        assert figure in sentence


def test_the_words_of_churn_speak_of_customers_kept():
    words = Words("left", "流失", "customers kept", "留住 {} 位")
    verdict = document(arm("none", 60, 200), arm("mail", 30, 200), words=words)["verdict"]
    assert "15.00% left, against 30.00% in “none”, 15.00 percentage points better" in verdict["en"]
    assert "about 150 more customers kept per 1,000 customers" in verdict["en"]
    assert "15.00% 的客户流失，“none”为 30.00%，好 15.00 个百分点" in verdict["zh"]
    assert "每 1,000 位客户约多留住 150 位" in verdict["zh"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_customers_still_needed_are_those_of_the_planner_less_those_in_the_table(language):
    sentence = document(arm("c", 30, 100), arm("t", 250, 900, share=9))["verdict"][language]
    plan = Plan(control_share=100, arm_share=900)
    more = needed_customers(control_rate=0.3, arm_rate=250 / 900, plan=plan) - 1000
    assert f"{more:,}" in sentence


def test_with_several_arms_the_customers_still_needed_are_those_of_the_whole_table():
    analysis = analyse([arm("c", 30, 100), arm("t", 27, 100), arm("u", 33, 200)])
    pair = needed_customers(control_rate=0.3, arm_rate=0.27, plan=Plan())
    assert analysis.verdict.findings[0].more_needed == 2 * pair - 400


@pytest.mark.parametrize("counts", [[(20, 100), (20, 100)], [(0, 10), (0, 20)], [(10, 10), (20, 20)], [(1, 3), (2, 6)]])
def test_without_a_difference_no_number_of_customers_is_given(counts):
    verdict = document(*(arm(name, *each) for name, each in zip("ct", counts, strict=True)))["verdict"]
    assert "no number of customers still needed can be given" in verdict["en"]
    assert "无法给出还需多少客户" in verdict["zh"]
    assert not re.search(r"about [\d,]+ more", verdict["en"])


def test_where_the_exact_test_is_not_content_with_what_the_formula_is_no_number_is_given():
    """10 of 11 against 0 of 1: enough for the normal approximation, and p = 0.17 by Fisher's test."""
    verdict = document(arm("c", 10, 11), arm("t", 0, 1))["verdict"]
    assert verdict["code"] == "inconclusive"
    assert "for a number of customers still needed to be given" in verdict["en"]


def test_an_empty_arm_is_named_in_the_sentence():
    verdict = document(arm("c", 3, 10), arm("void", 0, 0, enrolled=10))["verdict"]
    assert verdict["code"] == "inconclusive"
    assert "“void”" in verdict["en"]
    assert "“void”" in verdict["zh"]


def test_labels_may_hold_braces_and_percent_signs():
    verdict = document(arm("{c}", 30, 100), arm("{0} 5%s", 28, 100))["verdict"]
    assert "“{0} 5%s”" in verdict["en"]
    assert "“{c}”" in verdict["zh"]


def test_another_level_widens_intervals_and_decides_otherwise():
    table = arm("c", 60, 200), arm("t", 41, 200)
    usual, strict = (analyse(table, options=Options(alpha=alpha)) for alpha in (0.05, 0.01))
    assert (usual.verdict.code, strict.verdict.code) == (Code.EFFECTIVE, Code.INCONCLUSIVE)
    assert strict.comparisons[0].interval[0] < usual.comparisons[0].interval[0]
    assert "99% interval" in strict.verdict.en


@pytest.mark.parametrize("table", [[arm("c", 1, 2)], [arm("c", 1, 2), arm("c", 1, 2)], []])
def test_a_table_without_arms_or_with_two_of_one_name_is_an_error(table):
    with pytest.raises(ValueError, match="an analysis needs"):
        analyse(table)


def test_more_known_outcomes_than_enrolled_is_an_error():
    with pytest.raises(ValueError, match="3 known outcomes of 2"):
        arm("c", 1, 3, enrolled=2)


def test_every_reason_has_its_chinese():
    assert set(ZH) == set(Reason)
    assert not any("; " in reason for reason in Reason)
    both = joined(Reason.ALL_ALIKE, None, Reason.NO_DIFFERENCE, Reason.ALL_ALIKE)
    assert both == f"{Reason.ALL_ALIKE}; {Reason.NO_DIFFERENCE}"
    assert chinese(both) == f"{ZH[Reason.ALL_ALIKE]}；{ZH[Reason.NO_DIFFERENCE]}"
