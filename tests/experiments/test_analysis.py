"""Analyses: figures computed by hand from small experiments, rows that are never overwritten, and the final one."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest
from django.contrib.auth import get_user_model
from scipy import stats as scipy_stats

from customers.commands import Refused
from experiments import states
from experiments.analysis import analyse, finalise, last_ripe_on
from experiments.models import Analysis, Experiment, Listing, Outcome
from experiments.outcomes import track
from experiments.reasons import NO_GHOSTS, NO_VALUES, NOBODY, in_words
from tests.experiments.course import act, at, buy, enter, stay, treat
from tests.experiments.factories import DAY, draft, running

pytestmark = pytest.mark.django_db

RIPE = DAY + dt.timedelta(days=7)
HALVES = {"control": "0.5", "coupon": "0.5"}


def days(n: float) -> dt.timedelta:
    return dt.timedelta(days=n)


def figures(experiment: Experiment, as_of: dt.date = RIPE) -> dict:
    track(experiment, as_of=as_of)
    return analyse(experiment, as_of=as_of).document


def split(experiment: Experiment, *, kept: tuple[int, int], of: tuple[int, int], on: dt.date = DAY, **values) -> tuple:
    """Control and coupon customers of whom so many stay."""
    groups = tuple(enter(experiment, arm, n, on=on, **values) for arm, n in zip(("control", "coupon"), of, strict=True))
    for people, n in zip(groups, kept, strict=True):
        stay(people[:n], on + days(1))
    return groups


def test_a_draft_has_nothing_to_analyse():
    with pytest.raises(Refused, match="has not been started"):
        analyse(draft(), as_of=DAY)


def test_before_anybody_is_enrolled_every_figure_is_null_with_a_reason():
    found = analyse(running(), as_of=DAY)
    document = found.document
    assert (found.verdict, found.sentence_en) == ("inconclusive", "No conclusion yet: nobody is enrolled.")
    assert document["srm"] == {"p_value": None, "flag": False, "reason": NOBODY}
    assert document["counts"]["first_ripe_on"] is None
    assert document["churn"]["comparisons"][0]["difference"] is None
    assert all_nulls_have_a_reason(document)


def test_before_the_first_outcomes_are_known_it_says_when_they_will_be():
    experiment = running()
    enter(experiment, "coupon", 3)
    enter(experiment, "control", 1, on=DAY + days(1))
    found = analyse(experiment, as_of=DAY + days(1))
    counts = found.document["counts"]
    assert (counts["enrolled"], counts["known"], counts["waiting"]) == (4, 0, 4)
    assert (counts["first_ripe_on"], counts["next_ripe_on"], counts["next_ripe"]) == ("2026-03-09", "2026-03-09", 3)
    assert counts["coming"] == [
        {"on": "2026-03-09", "n": 3, "by_then": 3},
        {"on": "2026-03-10", "n": 1, "by_then": 4},
    ]
    assert found.sentence_en == (
        "No conclusion yet: 4 customers are enrolled, and the first outcomes will be known on 2026-03-09."
    )
    assert "2026-03-09" in found.sentence_zh
    assert all_nulls_have_a_reason(found.document)


def test_churn_of_the_arms_is_compared_by_intention_to_treat():
    experiment = running(shares=HALVES)
    split(experiment, kept=(40, 60), of=(100, 100))
    document = figures(experiment)
    control, coupon = document["churn"]["arms"]
    (comparison,) = document["churn"]["comparisons"]
    assert (control["n"], control["events"], coupon["n"], coupon["events"]) == (100, 60, 100, 40)
    assert comparison["difference"] == pytest.approx(0.2)
    chi_square = scipy_stats.chi2_contingency([[60, 40], [40, 60]], correction=False)
    assert comparison["p_value"] == pytest.approx(chi_square.pvalue)
    assert document["verdict"]["code"] == "effective"
    assert "40.00% left, against 60.00% in “control”" in document["verdict"]["en"]
    assert "流失" in document["verdict"]["zh"]


def test_the_level_and_the_power_are_the_experiments_own():
    wide = running(shares=HALVES, significance=Decimal("0.2"))
    narrow = running(shares=HALVES, significance=Decimal("0.001"), layer="other")
    intervals = []
    for experiment in (wide, narrow):
        split(experiment, kept=(45, 55), of=(100, 100))
        intervals.append(figures(experiment)["churn"]["comparisons"][0]["difference_ci"])
    assert intervals[1][0] < intervals[0][0] < intervals[0][1] < intervals[1][1]
    assert Analysis.objects.get(experiment=wide).verdict == "effective"
    assert Analysis.objects.get(experiment=narrow).verdict == "inconclusive"


def test_customers_still_watched_count_in_the_sample_ratio_and_nowhere_else():
    experiment = running(shares=HALVES)
    split(experiment, kept=(5, 5), of=(20, 20))
    enter(experiment, "coupon", 60, on=DAY + days(3))
    document = figures(experiment)
    assert document["churn"]["arms"][1]["n"] == 20
    assert document["srm"]["p_value"] == pytest.approx(scipy_stats.chisquare([20, 80], [50, 50]).pvalue)
    assert (document["srm"]["flag"], document["verdict"]["code"]) == (True, "sample_ratio")


def test_an_earlier_date_knows_no_later_outcome():
    experiment = running(shares=HALVES)
    split(experiment, kept=(5, 5), of=(10, 10))
    split(experiment, kept=(5, 5), of=(10, 10), on=DAY + days(1))
    track(experiment, as_of=RIPE + days(5))
    counts = analyse(experiment, as_of=RIPE).document["counts"]
    assert (counts["known"], counts["waiting"]) == (20, 20)
    assert analyse(experiment, as_of=DAY).document["counts"]["enrolled"] == 20


def test_amounts_are_compared_by_welch_and_freed_of_the_days_before():
    experiment = running(shares=HALVES)
    control, coupon = enter(experiment, "control", 4), enter(experiment, "coupon", 4)
    before, after = ([1, 2, 3, 4], [2, 4, 5, 4]), ([2.5, 3, 7, 8], [5, 9, 11, 9.25])
    for people, earlier, later in zip((control, coupon), before, after, strict=True):
        for one, x, y in zip(people, earlier, later, strict=True):
            buy(one, at(DAY - days(3)), f"{x:.2f}")
            buy(one, at(DAY + days(3)), f"{y:.2f}")
    metrics = {one["metric"]: one for one in figures(experiment)["metrics"]}
    assert list(metrics) == ["purchases", "amount", "active_days"]
    (amount,) = metrics["amount"]["comparisons"]
    truth = scipy_stats.ttest_ind(after[1], after[0], equal_var=False)
    assert (amount["mean_control"], amount["mean_arm"]) == (pytest.approx(5.125), pytest.approx(8.5625))
    assert amount["p_value"] == pytest.approx(truth.pvalue)
    assert amount["ci"] == pytest.approx(list(truth.confidence_interval(0.95)))
    x, y = [*before[0], *before[1]], [*after[0], *after[1]]
    centre = (sum(x) / 8, sum(y) / 8)
    # θ by hand: the covariance is within arms and between them, over both arms together.
    paired = sum((a - centre[0]) * (b - centre[1]) for a, b in zip(x, y, strict=True))
    theta = paired / sum((a - centre[0]) ** 2 for a in x)
    assert amount["cuped"]["difference"] != amount["difference"]
    assert amount["cuped"]["difference"] == pytest.approx(
        (8.5625 - 5.125) - theta * (sum(before[1]) / 4 - sum(before[0]) / 4)
    )
    (purchases,) = metrics["purchases"]["comparisons"]
    assert (purchases["difference"], purchases["p_value"], purchases["reason"]) == (
        *(0, None),
        "the amounts vary in neither arm",
    )


def test_only_the_metrics_that_were_chosen_are_there():
    experiment = running(secondary_metrics=["active_days"], guardrail_metrics=["complaints"])
    document = analyse(experiment, as_of=DAY).document
    assert [one["metric"] for one in document["metrics"]] == ["active_days"]
    assert [(one["metric"], one["more_is"]) for one in document["guardrails"]] == [("complaints", "bad")]


def test_more_complaints_are_worse():
    experiment = running(shares=HALVES)
    _control, coupon = split(experiment, kept=(30, 30), of=(30, 30))
    for number, one in enumerate(coupon):
        for _ in range(1 + number % 2):
            act(one, at(DAY + days(2)), "complaint")
    complaints, unsubscribes = figures(experiment)["guardrails"]
    assert complaints["comparisons"][0]["difference"] == pytest.approx(1.5)
    assert (complaints["comparisons"][0]["is_worse"], complaints["comparisons"][0]["is_better"]) == (True, False)
    assert unsubscribes["comparisons"][0]["is_worse"] is False


def test_a_treated_control_customer_is_contamination_and_stays_in():
    experiment = running(shares=HALVES)
    control, _coupon = split(experiment, kept=(5, 5), of=(10, 10))
    late = enter(experiment, "control", on=DAY + days(4))
    treat(control[0], at(DAY + days(2)))
    treat(control[0], at(DAY + days(3)))
    treat(control[1], at(DAY - days(1)))
    treat(late[0], at(DAY + days(5)))
    document = figures(experiment)
    found = document["contamination"]
    assert (found["enrolled"], found["n"], found["share"]) == (11, 2, pytest.approx(2 / 11))
    by_day = {one["on"]: (one["n"], one["watched"]) for one in found["days"]}
    assert (by_day["2026-03-04"], by_day["2026-03-07"]) == ((1, 10), (1, 11))
    assert (sum(n for n, _watched in by_day.values()), len(by_day)) == (2, 8)
    assert document["churn"]["arms"][0]["n"] == 10


def test_the_effect_on_those_really_treated_is_the_difference_by_the_share_treated():
    experiment = running(shares=HALVES)
    _control, coupon = split(experiment, kept=(20, 60), of=(100, 100))
    for one in coupon[:80]:
        treat(one, at(DAY))
    (found,) = figures(experiment)["compliers"]
    assert (found["treated_arm"], found["treated_control"]) == (0.8, 0.0)
    assert found["effect"] == pytest.approx(0.4 / 0.8)
    assert found["ci"][0] < 0.5 < found["ci"][1]


def test_those_listed_are_compared_with_the_ghosts_of_their_arm():
    experiment = running(shares=HALVES)
    control, coupon = split(experiment, kept=(10, 20), of=(40, 40))
    arm = experiment.arms.get(name="coupon")
    for people, is_ghost in ((control[:20], True), (coupon[:30], False)):
        for one in people:
            Listing.objects.create(assignment=one, arm=arm, is_ghost=is_ghost, listed_on=DAY)
    document = figures(experiment)
    (found,) = document["ghosts"]
    assert found["ghosts"] == {"n": 20, "events": 10, "rate": 0.5}
    assert found["listed"] == {"n": 30, "events": 10, "rate": pytest.approx(1 / 3)}
    assert found["difference"] == pytest.approx(0.5 - 1 / 3)
    assert [one["listed"] for one in document["counts"]["arms"]] == [20, 30]


def test_without_turns_on_the_list_there_is_no_ghost_comparison():
    experiment = running(shares=HALVES)
    split(experiment, kept=(5, 5), of=(10, 10))
    (found,) = figures(experiment)["ghosts"]
    assert (found["difference"], found["reason"]) == (None, NO_GHOSTS)


def test_subgroups_are_by_level_and_type_and_adjusted_over_all():
    experiment = running(shares=HALVES)
    split(experiment, kept=(10, 30), of=(40, 40), risk_level="high", customer_type="retail")
    split(experiment, kept=(20, 25), of=(40, 40), risk_level="critical", customer_type="")
    found = figures(experiment)["subgroups"]
    assert [(one["by"], one["level"]) for one in found] == [
        ("risk_level", "critical"),
        ("risk_level", "high"),
        ("customer_type", ""),
        ("customer_type", "retail"),
    ]
    assert [one["difference"] for one in found] == pytest.approx([0.125, 0.5, 0.125, 0.5])
    ordered = sorted(one["p_value"] for one in found)
    assert max(one["p_adjusted"] for one in found) == pytest.approx(max(4 * ordered[0], 2 * ordered[2]))


def test_balance_shows_standardised_differences_at_assignment():
    experiment = running(shares=HALVES)
    for arm, probabilities in (("control", ("0.7", "0.8")), ("coupon", ("0.8", "0.9"))):
        for probability in probabilities:
            enter(experiment, arm, probability=Decimal(probability), monthly_value=None)
    found = figures(experiment)["balance"]
    by_name = {(one["name"], one["level"]): one["arms"] for one in found["covariates"]}
    assert by_name["probability", None][1]["difference"] == pytest.approx(0.1 / 0.005**0.5)
    assert by_name["probability", None][0]["mean"] == pytest.approx(0.75)
    value = by_name["monthly_value", None][1]
    assert (value["n"], value["mean"], value["difference"]) == (0, None, None)
    assert (found["flagged"], found["largest"]) == (1, pytest.approx(2**0.5))
    assert by_name["risk_level", "critical"][1]["reason"] == "the values vary in neither group"


def test_money_is_the_customers_kept_times_their_own_value_less_the_recorded_cost():
    experiment = running(shares=HALVES, treatment_cost=Decimal(9))
    _control, coupon = split(experiment, kept=(20, 60), of=(100, 100))
    for one in coupon[:50]:
        treat(one, at(DAY), "4.00")
    (found,) = figures(experiment)["money"]
    assert (found["customers"], found["kept"], found["value_of_one"]) == (100, pytest.approx(40), 100)
    assert (found["cost"], found["cost_basis"]) == (200, "recorded")
    assert (found["net"], found["return_on_cost"]) == (pytest.approx(3800), pytest.approx(19))
    assert found["net_ci"][0] < 3800 < found["net_ci"][1]
    assert found["value_ci"] == pytest.approx([end + 200 for end in found["net_ci"]])


@pytest.mark.parametrize(
    ("treated", "listed", "expected"), [(3, 5, ("treated", 27)), (0, 5, ("listed", 45)), (0, 0, ("assigned", 90))]
)
def test_the_cost_of_one_treatment_counts_where_none_was_recorded(treated, listed, expected):
    experiment = running(shares=HALVES, treatment_cost=Decimal(9), value_source="fixed", value=Decimal(50))
    _control, coupon = split(experiment, kept=(5, 5), of=(10, 10))
    for one in coupon[:treated]:
        treat(one, at(DAY), "0")
    for one in coupon[:listed]:
        Listing.objects.create(assignment=one, arm=one.arm, is_ghost=False, listed_on=DAY)
    (found,) = figures(experiment)["money"]
    assert (found["cost_basis"], found["cost"], found["value_of_one"]) == (*expected, 50)


def test_without_values_and_cost_money_says_why():
    experiment = running(shares=HALVES)
    split(experiment, kept=(5, 8), of=(10, 10), monthly_value=None)
    (found,) = figures(experiment)["money"]
    assert (found["kept"], found["value"], found["net"]) == (pytest.approx(3), None, None)
    assert found["reason"].startswith(NO_VALUES)


def test_the_effect_over_time_adds_up_to_the_whole():
    experiment = running(shares=HALVES)
    for number in range(4):
        split(experiment, kept=(10, 20), of=(30, 30), on=DAY + days(number))
    document = figures(experiment, as_of=RIPE + days(3))
    (found,) = document["over_time"]
    (comparison,) = document["churn"]["comparisons"]
    points = found["points"]
    assert [point["on"] for point in points] == ["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"]
    assert [point["n_arm"] for point in points] == [30, 60, 90, 120]
    assert points[-1]["difference_ci"] == comparison["difference_ci"]
    assert points[-1]["sequential_ci"] == comparison["sequential"]["ci"]
    widths = [point["difference_ci"][1] - point["difference_ci"][0] for point in points]
    assert all(later < earlier for earlier, later in pairwise(widths))


def test_with_several_arms_each_is_compared_with_the_control_and_adjusted():
    experiment = running(shares={"control": "0.4", "coupon": "0.3", "call": "0.3"})
    for arm, n, kept in (("control", 40, 10), ("coupon", 30, 15), ("call", 30, 8)):
        stay(enter(experiment, arm, n)[:kept], DAY + days(1))
    document = figures(experiment)
    coupon, call = document["churn"]["comparisons"]
    assert (coupon["arm"], call["arm"]) == ("coupon", "call")
    assert coupon["p_adjusted"] == pytest.approx(2 * coupon["p_value"])
    for part in ("compliers", "ghosts", "money", "over_time"):
        assert [one["arm"] for one in document[part]] == ["coupon", "call"]


def test_the_always_valid_figures_are_to_be_trusted_until_the_planned_look():
    experiment = running(shares=HALVES)
    split(experiment, kept=(5, 5), of=(10, 10))
    assert figures(experiment)["trust"] == "sequential"
    states.complete(experiment, user=None, on=RIPE)
    assert figures(experiment)["trust"] == "fixed"


def test_the_same_facts_on_the_same_date_are_one_row():
    experiment = running(shares=HALVES)
    split(experiment, kept=(5, 5), of=(10, 10))
    track(experiment, as_of=RIPE)
    first = analyse(experiment, as_of=RIPE)
    assert analyse(experiment, as_of=RIPE) == first
    assert analyse(experiment, as_of=RIPE + days(1)) != first
    assert Analysis.objects.count() == 2


def test_a_late_event_makes_another_row_beside_the_first():
    experiment = running(shares=HALVES)
    control, _coupon = split(experiment, kept=(5, 5), of=(10, 10))
    figures(experiment)
    stay(control[9:], DAY + days(2))
    figures(experiment)
    assert [one.document["churn"]["arms"][0]["events"] for one in Analysis.objects.order_by("pk")] == [5, 4]


def test_an_analysis_names_who_asked_for_it():
    author = get_user_model().objects.create_user("ada")
    assert analyse(running(), as_of=DAY, user=author).made_by == author


def test_a_running_experiment_is_not_finalised():
    with pytest.raises(Refused, match="has not ended"):
        finalise(running(), as_of=RIPE)


def test_an_experiment_is_not_finalised_before_the_last_observation_day_is_over():
    experiment = running(shares=HALVES)
    split(experiment, kept=(5, 5), of=(10, 10))
    states.complete(experiment, user=None, on=DAY + days(1))
    with pytest.raises(Refused, match="are watched until 2026-03-09"):
        finalise(experiment, as_of=RIPE - days(1))
    with pytest.raises(Refused, match=r"20 outcomes of .* are not stored yet"):
        finalise(experiment, as_of=RIPE)
    assert not Analysis.objects.exists()


def test_the_final_analysis_ends_all_corrections():
    author = get_user_model().objects.create_user("ada")
    experiment = running(shares=HALVES)
    control, _coupon = split(experiment, kept=(5, 5), of=(10, 10))
    states.stop(experiment, user=author, on=DAY + days(1), reason="Enough.")
    track(experiment, as_of=RIPE)
    final = finalise(experiment, as_of=RIPE, user=author)
    stay(control, DAY + days(2))
    track(experiment, as_of=RIPE + days(1))
    assert finalise(experiment, as_of=RIPE + days(9)) == final
    assert (final.is_final, final.document["is_final"], final.made_by) == (True, True, author)
    assert experiment.finalised_at is not None
    assert Outcome.objects.filter(status="retained").count() == 10
    assert last_ripe_on(experiment) == RIPE


def test_reasons_are_read_in_the_readers_language(settings):
    from django.utils.translation import override

    text = "the rates do not differ, so no number of customers makes a difference of one"
    with override("zh-hans"):
        assert in_words(text).startswith("两组比率相同")
    assert in_words(f"{text}; {NOBODY}") == f"{text}; {NOBODY}"
    assert in_words(None) == ""


def all_nulls_have_a_reason(document: dict) -> bool:
    """But for dates and settings that there are not, and what was not asked for."""
    return not list(bare_nulls({name: part for name, part in document.items() if name not in ("experiment", "counts")}))


def bare_nulls(found, name=""):
    if isinstance(found, list):
        for one in found:
            yield from bare_nulls(one, name)
    elif isinstance(found, dict) and "reason" not in found:
        for below, value in found.items():
            yield from bare_nulls(value, f"{name}.{below}")
    elif found is None and name not in NOT_ASKED:
        yield name


NOT_ASKED = {".balance.covariates.level", ".balance.covariates.arms.difference", ".balance.largest"}
