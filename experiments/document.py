"""The shape of `Analysis.document`: every figure that the report of an experiment shows, as plain JSON.

Conventions: rates and shares are from 0 to 1, dates are ISO texts, amounts are in the account currency, nothing is
rounded, and an interval is [low, high] at the experiment's own significance level. A figure that cannot be had is null,
and `reason` in the object that holds it, or in one around it, says why in English; `reasons.in_words` gives
the reader's language. Arms stand in the experiment's order, the control group first; comparisons have one entry for
each other arm. By intention to treat where nothing else is said: a customer counts in the arm drawn, whatever happened
to it.
"""

from typing import Literal, NotRequired, TypedDict

__all__ = ["VERSION", "Document"]

VERSION = 1

Interval = list[float]


class Reasoned(TypedDict):
    """`reason` is there exactly where a figure of this object is null."""

    reason: NotRequired[str]


class Configuration(TypedDict):
    """The experiment as it was locked at the start, so that a printed report needs nothing else."""

    id: int
    name: str
    hypothesis: str
    state: str
    starts_on: str
    ends_on: str
    started_on: str | None
    ended_on: str | None
    observation_days: int
    significance: float
    power: float
    smallest_effect: float
    treatment_cost: float
    value_source: str
    value: float | None
    is_stratified: bool
    daily_capacity: int | None
    arms: list["ArmPlan"]


class ArmPlan(TypedDict):
    name: str
    is_control: bool
    share: float
    measure: str


class ArmCount(TypedDict):
    """Customers of an arm: enrolled by the as-of date; of them with a known outcome, and still being watched."""

    arm: str
    is_control: bool
    share: float
    enrolled: int
    known: int
    waiting: int
    listed: int
    """On the treatment list so far; of the control group the ghosts, who would have been on it."""
    treated: int
    """Of the known: really treated, by a recorded intervention in the observation days; of the control contaminated."""


class RipeDay(TypedDict):
    """`n` customers' observation days are over on that date; `by_then` counts these and all before them."""

    on: str
    n: int
    by_then: int


class Counts(TypedDict):
    """Who is in, and when the outcomes that are not known yet will be: there also before anything is known."""

    enrolled: int
    known: int
    waiting: int
    first_enrolled_on: str | None
    last_enrolled_on: str | None
    first_ripe_on: str | None
    """When the first outcomes are, or were, known; null while nobody is enrolled."""
    next_ripe_on: str | None
    """The next date after the as-of date on which outcomes become known; null where none are awaited."""
    next_ripe: int
    last_ripe_on: str | None
    """When the outcomes of everybody enrolled so far are known."""
    coming: list[RipeDay]
    arms: list[ArmCount]


class Rate(Reasoned):
    """`n` customers with a known outcome, `events` of them churned."""

    name: str
    n: int
    events: int
    rate: float | None
    rate_ci: Interval | None


class Sequential(Reasoned):
    """Always valid, however often one looks."""

    p_value: float | None
    ci: Interval | None


class Bayes(Reasoned):
    probability_better: float | None
    expected_loss: float | None


class Comparison(Reasoned):
    """Churn of an arm against the control, named as in `analyse_csv --json`; `difference` above 0 is good."""

    arm: str
    control: str
    difference: float | None
    difference_ci: Interval | None
    relative: float | None
    relative_ci: Interval | None
    p_value: float | None
    p_adjusted: float | None
    test: Literal["z", "fisher"] | None
    number_needed_to_treat: float | None
    sequential: Sequential
    bayes: Bayes


class Churn(TypedDict):
    arms: list[Rate]
    comparisons: list[Comparison]


class SampleRatio(Reasoned):
    """Chi-square of everybody enrolled against the shares; `flag` (p < 0.001) stops the verdict."""

    p_value: float | None
    flag: bool


class Cuped(Reasoned):
    """The difference freed of the same metric in the 20 days before; `variance_saved` is a share of the variance."""

    difference: float | None
    ci: Interval | None
    p_value: float | None
    variance_saved: float | None


class MeanComparison(Reasoned):
    """Mean of the arm − mean of the control, a customer, over the observation days; Welch's t."""

    arm: str
    control: str
    mean_control: float | None
    mean_arm: float | None
    difference: float | None
    ci: Interval | None
    p_value: float | None
    cuped: Cuped | None
    """null without a reason for a guardrail, which has none."""
    is_better: bool
    """The fixed p is below the significance level, and the difference is on the good side; not adjusted."""
    is_worse: bool


class MetricResult(TypedDict):
    """A secondary metric or guardrail; `metric` is a value of `Metric`, `more_is` good or bad."""

    metric: str
    more_is: Literal["good", "bad"]
    comparisons: list[MeanComparison]


class CovariateArm(Reasoned):
    """`difference` is standardised: (mean of the arm − of the control) / root of the mean of both variances."""

    arm: str
    n: int
    mean: float | None
    difference: float | None


class Covariate(TypedDict):
    """What was known at assignment: a number, or the share of customers with a label (`level`)."""

    name: Literal["probability", "monthly_value", "purchases", "amount", "active_days", "risk_level", "customer_type"]
    level: str | None
    arms: list[CovariateArm]
    """The control first, whose difference is null without a reason."""


class Balance(TypedDict):
    """`flagged` counts the standardised differences beyond ±`limit`; a few of many are chance."""

    limit: float
    covariates: list[Covariate]
    flagged: int
    largest: float | None


class ContaminationDay(TypedDict):
    """`n` control customers were treated on that date for the first time, of `watched` in their observation days."""

    on: str
    n: int
    watched: int


class Contamination(Reasoned):
    """Control customers who were treated all the same: counted, and never left out of the analysis.

    `enrolled` are the control customers so far, `n` those of them treated in their observation days, `share` n of
    enrolled. `days` has every date from the first enrolment to the as-of date, at most
    to the end of the last customer's days.
    """

    enrolled: int
    n: int
    share: float | None
    days: list[ContaminationDay]


class Complier(Reasoned):
    """The effect on those who are treated because of their arm: the difference by the difference in treatment."""

    arm: str
    control: str
    treated_arm: float | None
    """Share of the arm's known customers who were really treated."""
    treated_control: float | None
    share: float | None
    """Of the customers who comply: the difference of the two."""
    effect: float | None
    ci: Interval | None
    """Fieller's."""


class GhostArm(TypedDict):
    n: int
    events: int
    rate: float | None


class Ghosts(Reasoned):
    """Those of the arm who were listed against the ghosts: control customers who would have been, for this arm.

    The effect among those whom the list reaches, at random as the arms are; beside intention to treat.
    """

    arm: str
    control: str
    listed: GhostArm
    ghosts: GhostArm
    difference: float | None
    difference_ci: Interval | None
    p_value: float | None
    p_adjusted: float | None
    test: Literal["z", "fisher"] | None


class Subgroup(Reasoned):
    """Exploratory. `p_adjusted` is Holm's over every subgroup and arm of this list."""

    by: Literal["risk_level", "customer_type"]
    level: str
    """A value of RiskLevel, or the customer type as given; "" is no type."""
    arm: str
    control: str
    n_control: int
    n_arm: int
    rate_control: float | None
    rate_arm: float | None
    difference: float | None
    difference_ci: Interval | None
    p_value: float | None
    p_adjusted: float | None
    test: Literal["z", "fisher"] | None


class Money(Reasoned):
    """What an arm brought, for its `customers` with a known outcome.

    `kept` = difference × customers. The difference is by intention to treat, so it is multiplied by everybody in the
    arm, treated or not. `value_of_one` is the experiment's number, or the mean monthly value of the arm's customers
    when they were enrolled, one month's worth. `cost` is what interventions in their observation days are recorded to
    have cost (`cost_basis` recorded), else the cost of one treatment × those really treated (treated), else × those
    listed (listed), else × everybody (assigned). `net` = kept × value_of_one − cost, its interval that of the
    difference carried over; `return_on_cost` = net / cost.
    """

    arm: str
    control: str
    customers: int
    kept: float | None
    kept_ci: Interval | None
    value_of_one: float | None
    value: float | None
    value_ci: Interval | None
    cost: float
    cost_basis: Literal["recorded", "treated", "listed", "assigned"]
    net: float | None
    net_ci: Interval | None
    return_on_cost: float | None
    return_on_cost_ci: Interval | None


class Point(Reasoned):
    """Everybody whose outcome was known on that date: the difference, fixed interval and always-valid one."""

    on: str
    n_control: int
    n_arm: int
    difference: float | None
    difference_ci: Interval | None
    sequential_ci: Interval | None
    sequential_p: float | None


class OverTime(TypedDict):
    """A point for each date on which outcomes became known, oldest first."""

    arm: str
    control: str
    points: list[Point]


class Verdict(TypedDict):
    code: Literal["effective", "harmful", "inconclusive", "sample_ratio"]
    zh: str
    en: str


class Document(TypedDict):
    """All of it. `trust` says which p and interval hold at this look.

    `fixed` once the experiment has ended and every outcome is known, which is the one look that was planned;
    `sequential` before, whenever anybody looks.
    """

    version: int
    as_of: str
    is_final: bool
    experiment: Configuration
    counts: Counts
    verdict: Verdict
    trust: Literal["fixed", "sequential"]
    churn: Churn
    srm: SampleRatio
    metrics: list[MetricResult]
    guardrails: list[MetricResult]
    balance: Balance
    contamination: Contamination
    compliers: list[Complier]
    ghosts: list[Ghosts]
    subgroups: list[Subgroup]
    money: list[Money]
    over_time: list[OverTime]
