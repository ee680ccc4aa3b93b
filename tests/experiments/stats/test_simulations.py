"""A thousand experiments with fixed seeds: false alarms, coverage and power are what is promised."""

import numpy as np
import pytest
from scipy import stats

from experiments.stats import Moments, Paired, Proportion
from experiments.stats.always_valid import always_valid
from experiments.stats.beta_binomial import belief
from experiments.stats.comparison import rate_test
from experiments.stats.compliers import complier_effect
from experiments.stats.cuped import cuped
from experiments.stats.holm import holm
from experiments.stats.newcombe import difference, newcombe
from experiments.stats.planner import Plan, needed_customers
from experiments.stats.risk_ratio import relative_difference
from experiments.stats.sample_ratio import sample_ratio
from experiments.stats.welch import welch
from experiments.stats.wilson import wilson

N = 1000


def of(events, n) -> Proportion:
    return Proportion(n=int(n), events=int(events))


def is_usual(count: int, *, chance: float, n: int = N) -> bool:
    """Whether so many of n are within the middle 99.9 % of the binomial distribution."""
    low, high = stats.binom.interval(0.999, n, chance)
    return low <= count <= high


@pytest.mark.parametrize(("n_control", "n_arm", "rate"), [(500, 500, 0.3), (200, 1800, 0.35), (4000, 4000, 0.02)])
def test_experiments_without_an_effect_raise_a_false_alarm_as_often_as_the_level_says(n_control, n_arm, rate):
    random = np.random.default_rng(1)
    drawn = zip(random.binomial(n_control, rate, N), random.binomial(n_arm, rate, N), strict=True)
    p_values = [rate_test(of(control, n_control), of(arm, n_arm)).p_value for control, arm in drawn]
    assert is_usual(sum(p < 0.05 for p in p_values), chance=0.05)


def test_fisher_s_test_raises_a_false_alarm_no_more_often_than_the_level_says():
    random = np.random.default_rng(2)
    tests = [rate_test(of(one, 40), of(other, 40)) for one, other in random.binomial(40, 0.08, (N, 2))]
    assert sum(test.name == "fisher" for test in tests) > 0.8 * N
    assert sum(test.p_value is not None and test.p_value < 0.05 for test in tests) <= 0.05 * N


def test_several_arms_raise_any_false_alarm_no_more_often_than_the_level_says():
    random = np.random.default_rng(3)
    alarms = 0
    for control, *arms in random.binomial(600, 0.3, (N, 5)):
        alarms += min(holm([rate_test(of(control, 600), of(arm, 600)).p_value for arm in arms])) < 0.05
    assert alarms <= stats.binom.ppf(0.999, N, 0.05)


@pytest.fixture(scope="module")
def courses():
    """A thousand experiments without an effect, watched for 28 days: customers so far and events so far by day."""
    random = np.random.default_rng(4)
    days = 60 * np.arange(1, 29)
    return days, np.cumsum(random.binomial(60, 0.3, (N, 28, 2)), axis=1)


def test_looking_every_day_at_the_always_valid_p_raises_no_more_false_alarms_than_the_level_says(courses):
    days, events = courses
    ever = sum(
        any((always_valid(of(a, n), of(b, n)).p_value or 1) < 0.05 for n, (a, b) in zip(days, course, strict=True))
        for course in events
    )
    assert ever <= 0.05 * N


def test_looking_every_day_at_the_fixed_p_would_raise_many_more(courses):
    days, events = courses
    ever = sum(
        any(rate_test(of(a, n), of(b, n)).p_value < 0.05 for n, (a, b) in zip(days, course, strict=True))
        for course in events
    )
    assert ever > 0.15 * N


@pytest.mark.parametrize(
    ("rate_control", "rate_arm", "n_control"), [(0.35, 0.25, 30), (0.5, 0.45, 6), (0.05, 0.04, 60)]
)
def test_the_always_valid_interval_holds_the_difference_on_every_day_at_once(rate_control, rate_arm, n_control):
    random = np.random.default_rng(5)
    n = np.outer(np.arange(1, 29), [n_control, 60])
    events = np.cumsum(random.binomial([n_control, 60], [rate_control, rate_arm], (N, 28, 2)), axis=1)
    truth, missed = rate_control - rate_arm, 0
    for course in events:
        looks = (always_valid(of(a, n_a), of(b, n_b)).interval for (n_a, n_b), (a, b) in zip(n, course, strict=True))
        missed += any(look is not None and not look[0] <= truth <= look[1] for look in looks)
    assert missed <= 0.05 * N


def test_intervals_of_rates_cover_as_often_as_they_say():
    random = np.random.default_rng(6)
    drawn = [(of(a, 400), of(b, 1600)) for a, b in random.binomial([400, 1600], [0.3, 0.22], (N, 2))]
    covered = {
        "wilson": sum(low <= 0.3 <= high for low, high in (wilson(control) for control, _arm in drawn)),
        "newcombe": sum(low <= 0.08 <= high for low, high in (newcombe(*pair) for pair in drawn)),
        "log risk ratio": sum(
            found.interval[0] <= 0.08 / 0.3 <= found.interval[1]
            for found in (relative_difference(control=c, arm=a, is_event_good=False) for c, a in drawn)
        ),
    }
    assert all(is_usual(count, chance=0.95) for count in covered.values()), covered


def test_newcombe_covers_where_rates_are_small_and_arms_unequal():
    random = np.random.default_rng(7)
    drawn = [(of(a, 50), of(b, 450)) for a, b in random.binomial([50, 450], [0.06, 0.03], (N, 2))]
    assert sum(low <= 0.03 <= high for low, high in (newcombe(*pair) for pair in drawn)) >= 0.94 * N


@pytest.fixture(scope="module")
def spending():
    """Amounts and covariates of arms of 150 and 450 whose spreads differ; the true difference of means is 4."""
    random = np.random.default_rng(8)
    arms = []
    for n, gain, spread in ((150, 0.0, 20.0), (450, 4.0, 35.0)):
        before = random.gamma(2.0, 40.0, (N, n))
        arms.append((before, 10 + gain + 0.5 * before + random.normal(0, spread, (N, n))))
    return [tuple(Paired.of(x=before[row], y=amount[row]) for before, amount in arms) for row in range(N)]


def test_welch_covers_and_cuped_covers_with_less_spread(spending):
    plain = [welch(control=control.y, arm=arm.y) for control, arm in spending]
    freed = [cuped(control=control, arm=arm) for control, arm in spending]
    for found in (plain, freed):
        assert is_usual(sum(each.interval[0] <= 4 <= each.interval[1] for each in found), chance=0.95)
    spread = np.var([each.difference for each in freed]) / np.var([each.difference for each in plain])
    assert np.mean([each.variance_saved for each in freed]) == pytest.approx(1 - spread, abs=0.1)
    assert spread < 0.7


def test_skewed_amounts_without_an_effect_raise_false_alarms_as_often_as_the_level_says():
    random = np.random.default_rng(9)
    amounts = random.lognormal(3, 1, (N, 800)) * (random.random((N, 800)) < 0.4)
    p_values = [welch(control=Moments.of(row[:400]), arm=Moments.of(row[400:])).p_value for row in amounts]
    assert is_usual(sum(p < 0.05 for p in p_values), chance=0.05)


@pytest.mark.parametrize(("reached", "leaked"), [(0.7, 0.0), (0.5, 0.1), (0.1, 0.0)])
def test_the_complier_interval_covers_however_few_comply(reached, leaked):
    """Never-takers churn more, always-takers less; treatment takes 10 points from whoever complies."""
    random, covered, bounded = np.random.default_rng(10), 0, 0
    for _ in range(N):
        arms = []
        for n, is_arm in ((300, False), (900, True)):
            kind = random.random(n)
            treated = kind < (reached if is_arm else leaked)
            rate = np.where(kind < leaked, 0.25, np.where(kind < reached, 0.4 - 0.1 * is_arm, 0.5))
            arms.append(Paired.of(x=treated.astype(float), y=(random.random(n) < rate).astype(float)))
        found = complier_effect(control=arms[0], arm=arms[1])
        bounded += found.interval is not None
        covered += found.interval is None or found.interval[0] <= 0.1 <= found.interval[1]
    assert is_usual(covered, chance=0.95)
    assert bounded > 0.9 * N


@pytest.mark.parametrize(("control_share", "rates"), [(0.5, (0.35, 0.30)), (0.1, (0.35, 0.28)), (0.1, (0.08, 0.12))])
def test_the_planned_size_finds_the_effect_as_often_as_planned(control_share, rates):
    random, plan = np.random.default_rng(11), Plan(control_share=control_share, arm_share=1 - control_share)
    needed = needed_customers(control_rate=rates[0], arm_rate=rates[1], plan=plan)
    n_control = round(needed * control_share)
    sizes = n_control, needed - n_control
    drawn = random.binomial(sizes, rates, (N, 2))
    found = sum(rate_test(of(a, sizes[0]), of(b, sizes[1])).p_value < 0.05 for a, b in drawn)
    assert is_usual(found, chance=0.80)


def test_a_sound_assignment_is_flagged_as_seldom_as_the_level_says():
    random = np.random.default_rng(12)
    drawn = random.multinomial(5000, [0.1, 0.45, 0.45], N)
    p_values = [sample_ratio(enrolled=sizes.tolist(), shares=[1, 4.5, 4.5]).p_value for sizes in drawn]
    assert is_usual(sum(p < 0.05 for p in p_values), chance=0.05)
    assert is_usual(sum(p < 0.001 for p in p_values), chance=0.001)


def test_the_chance_of_being_better_comes_true_where_the_rates_come_from_the_prior():
    random = np.random.default_rng(13)
    rates = random.random((N, 2))
    events = random.binomial(25, rates)
    beliefs = [belief(control=of(a, 25), arm=of(b, 25), is_event_good=True) for a, b in events]
    chances = np.array([each.probability_better for each in beliefs])
    is_better = rates[:, 1] > rates[:, 0]
    spread = np.sqrt((chances * (1 - chances)).sum())
    for part in (chances < 0.5, chances >= 0.5):
        assert abs((is_better - chances)[part].sum()) < 3.3 * spread
    lost = np.maximum(0, rates[:, 0] - rates[:, 1])
    expected = np.array([each.expected_loss for each in beliefs])
    assert abs((lost - expected).mean()) < 3.3 * lost.std() / np.sqrt(N)


def test_the_estimates_are_right_on_average():
    random = np.random.default_rng(14)
    drawn = random.binomial([300, 700], [0.3, 0.2], (N, 2))
    estimates = [difference(of(a, 300), of(b, 700)) for a, b in drawn]
    assert np.mean(estimates) == pytest.approx(0.1, abs=3.3 * np.std(estimates) / np.sqrt(N))
