"""One arm against the control: every figure of the outcome and of the amount."""

from dataclasses import dataclass

from experiments.stats.always_valid import AlwaysValid, always_valid
from experiments.stats.beta_binomial import Belief, belief
from experiments.stats.cuped import Cuped, cuped
from experiments.stats.fisher import fisher_exact
from experiments.stats.newcombe import difference, newcombe
from experiments.stats.options import Arm, Options
from experiments.stats.pooled_z import has_small_expected, is_all_alike, z_test
from experiments.stats.reasons import Reason, joined
from experiments.stats.risk_ratio import Relative, relative_difference
from experiments.stats.sums import Proportion
from experiments.stats.tails import Interval
from experiments.stats.welch import MeanDifference, welch

__all__ = ["Comparison", "Metric", "Test", "compare", "rate_test"]


@dataclass(frozen=True)
class Test:
    """p of the fixed-horizon test and its name, `z` or `fisher`; None where nobody or everybody had the event."""

    p_value: float | None
    name: str | None
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Means of the amount and their test; more is good. `cuped` is None where no covariate was asked for."""

    mean_control: float | None
    mean_arm: float | None
    test: MeanDifference
    cuped: Cuped | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`difference` is in units of the rate, above 0 where the arm is better; `p_adjusted` is Holm's over the arms."""

    arm: str
    control: str
    difference: float | None
    interval: Interval | None
    relative: Relative
    test: Test
    p_adjusted: float | None
    sequential: AlwaysValid
    belief: Belief
    metric: Metric | None

    @property
    def number_needed_to_treat(self) -> float | None:
        """Customers to treat for one more good outcome; below 0 where the arm is worse."""
        return 1 / self.difference if self.difference else None

    @property
    def reason(self) -> str | None:
        """Why figures of the outcome that stand here are None."""
        none_to_treat = Reason.NO_DIFFERENCE if self.difference == 0 else None
        return joined(self.relative.reason, self.test.reason, none_to_treat)


def rate_test(first: Proportion, second: Proportion) -> Test:
    """Fisher's exact test where an expected count is below 5, else the pooled z test."""
    if not first.n or not second.n:
        return Test(None, None, Reason.EMPTY_ARM)
    if is_all_alike(first, second):
        return Test(None, None, Reason.ALL_ALIKE)
    if has_small_expected(first, second):
        return Test(fisher_exact(first, second), "fisher")
    return Test(z_test(first, second), "z")


def compare(*, control: Arm, arm: Arm, test: Test, p_adjusted: float | None, options: Options) -> Comparison:
    """Everything but the test, which the adjustment over all arms needs beforehand."""
    alpha, is_good = options.alpha, options.is_event_good
    pair = (arm.outcome, control.outcome) if is_good else (control.outcome, arm.outcome)
    is_empty = not (control.outcome.n and arm.outcome.n)
    outcomes = {"control": control.outcome, "arm": arm.outcome}
    return Comparison(
        arm=arm.name,
        control=control.name,
        difference=None if is_empty else difference(*pair),
        interval=newcombe(*pair, alpha=alpha),
        relative=relative_difference(**outcomes, is_event_good=is_good, alpha=alpha),
        test=test,
        p_adjusted=p_adjusted,
        sequential=always_valid(*pair, alpha=alpha, tuned_for=options.tuned_for),
        belief=belief(**outcomes, is_event_good=is_good),
        metric=_metric(control, arm, alpha),
    )


def _metric(control: Arm, arm: Arm, alpha: float) -> Metric | None:
    if control.metric is None or arm.metric is None:
        return None
    return Metric(
        mean_control=control.metric.mean if control.metric.n else None,
        mean_arm=arm.metric.mean if arm.metric.n else None,
        test=welch(control=control.metric, arm=arm.metric, alpha=alpha),
        cuped=_cuped(control, arm, alpha),
    )


def _cuped(control: Arm, arm: Arm, alpha: float) -> Cuped | None:
    if control.paired is None or arm.paired is None:
        return None
    return cuped(control=control.paired, arm=arm.paired, alpha=alpha)
