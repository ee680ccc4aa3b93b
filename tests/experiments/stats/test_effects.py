"""Compliers, subgroups, and money."""

import numpy as np
import pytest

from experiments.stats import Moments, Paired, Proportion, Reason
from experiments.stats.compliers import complier_effect
from experiments.stats.holm import holm
from experiments.stats.money import money
from experiments.stats.newcombe import newcombe
from experiments.stats.pooled_z import z_test
from experiments.stats.subgroups import Subgroup, subgroup_effects


def rows(*groups: tuple[int, int, int]) -> Paired:
    """Groups of so many customers with this treatment and this outcome."""
    x = np.concatenate([np.full(n, treated, dtype=float) for n, treated, _outcome in groups])
    y = np.concatenate([np.full(n, outcome, dtype=float) for n, _treated, outcome in groups])
    return Paired.of(x=x, y=y)


def test_the_vitamin_a_trial_of_sommer_and_zeger_has_its_known_effect():
    """Deaths of children, 74 of 11,588; assigned to vitamin A 12 of 9,675 who took it, 34 of 2,419 who did not.

    Imbens and Rubin 1997, Annals of Statistics 25: among compliers 3.2 deaths fewer in 1,000, standard error 1.2.
    """
    control = rows((11_514, 0, 0), (74, 0, 1))
    arm = rows((9_663, 1, 0), (12, 1, 1), (2_385, 0, 0), (34, 0, 1))
    found = complier_effect(control=control, arm=arm)
    assert found.share == pytest.approx(0.8, abs=0.0005)
    assert 1000 * found.effect == pytest.approx(3.2, abs=0.05)
    assert 1000 * (found.interval[1] - found.interval[0]) / (2 * 1.96) == pytest.approx(1.2, abs=0.05)


def test_with_everybody_complying_it_is_the_difference_with_its_own_spread():
    control, arm = rows((70, 0, 0), (30, 0, 1)), rows((80, 1, 0), (20, 1, 1))
    found = complier_effect(control=control, arm=arm)
    spread = (0.3 * 0.7 / 99 + 0.2 * 0.8 / 99) ** 0.5
    assert (found.share, found.effect) == pytest.approx((1, 0.1))
    assert found.interval == pytest.approx((0.1 - 1.959964 * spread, 0.1 + 1.959964 * spread), abs=1e-7)


def test_treated_controls_count_as_not_complying():
    control, arm = rows((10, 1, 0), (60, 0, 0), (30, 0, 1)), rows((60, 1, 0), (20, 0, 0), (20, 0, 1))
    found = complier_effect(control=control, arm=arm)
    assert found.share == pytest.approx(0.5)
    assert found.effect == pytest.approx(0.2)
    assert found.interval[0] <= found.effect <= found.interval[1]
    good = complier_effect(control=control, arm=arm, is_more_good=True)
    assert good.effect == pytest.approx(-0.2)
    assert good.interval == pytest.approx((-found.interval[1], -found.interval[0]))


def test_the_ends_of_the_interval_are_effects_that_are_just_not_rejected():
    control, arm = rows((8, 1, 1), (60, 0, 0), (30, 0, 1)), rows((60, 1, 0), (21, 0, 0), (20, 0, 1), (4, 1, 1))
    found = complier_effect(control=control, arm=arm, is_more_good=True)
    for effect in found.interval:
        rest = [part.y.mean - effect * part.x.mean for part in (control, arm)]
        spread = [
            part.y.variance - 2 * effect * part.products / (part.n - 1) + effect**2 * part.x.variance
            for part in (control, arm)
        ]
        z = (rest[1] - rest[0]) / (spread[0] / control.n + spread[1] / arm.n) ** 0.5
        assert abs(z) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(
    ("control", "arm", "reason"),
    [
        (rows((50, 0, 0), (50, 0, 1)), rows((50, 0, 0), (50, 0, 1)), Reason.SAME_TREATMENT),
        (rows((1, 0, 0)), rows((50, 1, 0), (50, 0, 1)), Reason.NOT_ENOUGH_VALUES),
        (rows((5, 0, 0), (5, 0, 1)), rows((9, 0, 0), (1, 1, 1)), Reason.FEW_COMPLIERS),
        (rows((5, 0, 0)), rows((9, 1, 0)), Reason.NO_SPREAD),
    ],
)
def test_where_the_effect_has_no_bound_there_is_no_interval(control, arm, reason):
    found = complier_effect(control=control, arm=arm)
    assert found.interval is None
    assert found.reason == reason


def test_subgroups_have_their_own_intervals_and_p_adjusted_over_all_of_them():
    groups = [
        Subgroup(
            covariate="risk_level",
            level=level,
            control=Proportion(n=200, events=control),
            arm=Proportion(n=300, events=arm),
        )
        for level, control, arm in (("high", 90, 100), ("critical", 120, 170), ("none", 0, 0))
    ]
    empty = Subgroup(covariate="customer_type", level="vip", control=Proportion(), arm=Proportion(n=3, events=1))
    high, critical, none, vip = subgroup_effects([*groups, empty])
    assert high.interval == newcombe(groups[0].control, groups[0].arm)
    assert high.difference == pytest.approx(0.45 - 1 / 3)
    raw = [z_test(group.control, group.arm) for group in groups[:2]]
    assert [high.p_value, critical.p_value] == raw
    assert [high.p_adjusted, critical.p_adjusted] == holm(raw)
    assert (none.difference, none.p_value, none.reason) == (0, None, Reason.ALL_ALIKE)
    assert (vip.difference, vip.interval, vip.p_adjusted, vip.reason) == (None, None, None, Reason.EMPTY_ARM)
    assert all(effect.is_exploratory for effect in (high, critical, none, vip))


def test_money_is_value_less_cost_with_the_interval_carried_over():
    found = money(difference=0.05, interval=(0.01, 0.09), treated=1000, value=80.0, cost=2500.0)
    assert (found.kept, found.kept_interval) == (50, (10, 90))
    assert (found.net, found.net_interval) == (1500, (-1700, 4700))
    assert found.return_on_cost == pytest.approx(0.6)
    assert found.return_interval == pytest.approx((-0.68, 1.88))


def test_a_treatment_without_cost_has_no_return_on_it():
    found = money(difference=0.05, interval=(0.01, 0.09), treated=100, value=80.0, cost=0.0)
    assert (found.return_on_cost, found.return_interval, found.reason) == (None, None, Reason.NO_COST)
    assert found.net == pytest.approx(400)


def test_money_of_an_unknown_difference_is_unknown():
    found = money(difference=None, interval=None, treated=100, value=80.0, cost=10.0)
    assert (found.kept, found.net, found.return_on_cost, found.net_interval) == (None, None, None, None)
    assert found.reason == Reason.EMPTY_ARM


def test_negative_money_is_an_error():
    with pytest.raises(ValueError, match="below 0"):
        money(difference=0.1, interval=None, treated=1, value=-1, cost=1)


def test_moments_of_labels_are_proportions():
    assert Moments.from_sums(n=10, total=4, total_of_squares=4).mean == pytest.approx(0.4)
