"""Whether the experiment can be trusted: were the arms alike, and did the control group get nothing."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from itertools import chain

from experiments.document import Balance, Contamination, ContaminationDay, Covariate, CovariateArm
from experiments.figures.groups import COVARIATES
from experiments.figures.setting import Setting, reasoned
from experiments.reasons import NO_ROWS, NOBODY
from experiments.stats import Moments
from experiments.stats.balance import NOTABLE
from experiments.stats.balance import balance as standardised

__all__ = ["balance", "contamination"]

NUMBERS = {
    "probability": "probability",
    "monthly_value": "monthly_value",
    "purchases": "purchases_before",
    "amount": "amount_before",
    "active_days": "active_days_before",
}


def balance(setting: Setting) -> Balance:
    """Risk and value of everybody enrolled, what was done in the days before of those with a known outcome."""
    covariates = list(chain(_numbers(setting), _labels(setting)))
    found = [arm["difference"] for one in covariates for arm in one["arms"] if arm["difference"] is not None]
    return {
        "limit": NOTABLE,
        "covariates": covariates,
        "flagged": sum(abs(one) >= NOTABLE for one in found),
        "largest": max(found, key=abs, default=None),
    }


def _numbers(setting: Setting) -> Iterable[Covariate]:
    for name, variable in NUMBERS.items():
        moments = [setting.facts.moments(arm.position, variable) for arm in setting.arms]
        yield _covariate(setting, name, None, moments)


def _labels(setting: Setting) -> Iterable[Covariate]:
    for name in COVARIATES:
        sizes = _sizes(setting, name)
        for level in sorted({level for level, _arm in sizes}):
            ones = [sizes[level, arm.position] for arm in setting.arms]
            yield _covariate(setting, name, level, [_share(setting, *pair) for pair in enumerate(ones)])


def _sizes(setting: Setting, name: str) -> Counter[tuple[str, int]]:
    return setting.facts.sizes(lambda cell: (str(getattr(cell, name)), cell.arm))


def _share(setting: Setting, arm: int, ones: int) -> Moments:
    return Moments.from_sums(n=setting.enrolled[arm], total=ones, total_of_squares=ones)


def _covariate(setting: Setting, name: str, level: str | None, moments: list[Moments]) -> Covariate:
    arms = [_arm(setting, place, moments) for place in range(len(moments))]
    document: Covariate = {"name": name, "level": level, "arms": arms}  # type: ignore[typeddict-item]
    return document


def _arm(setting: Setting, place: int, moments: list[Moments]) -> CovariateArm:
    mine = moments[place]
    found = standardised(control=moments[0], arm=mine) if place else None
    figures = {
        "arm": setting.arms[place].name,
        "n": mine.n,
        "mean": mine.mean if mine.n else None,
        "difference": found.difference if found else None,
    }
    document: CovariateArm = reasoned(figures, (found.reason if found else None) or (None if mine.n else NO_ROWS))
    return document


def contamination(setting: Setting) -> Contamination:
    facts = setting.facts
    enrolled, n = setting.enrolled[0], sum(facts.contaminated.values())
    figures = {"enrolled": enrolled, "n": n, "share": n / enrolled if enrolled else None, "days": _days(setting)}
    document: Contamination = reasoned(figures, None if enrolled else NOBODY)
    return document


def _days(setting: Setting) -> list[ContaminationDay]:
    facts = setting.facts
    entered = facts.sizes(lambda cell: cell.enrolled_on if cell.arm == 0 else None)
    if not entered:
        return []
    last = min(facts.as_of, max(entered) + dt.timedelta(days=facts.observation_days - 1))
    days = [min(entered) + dt.timedelta(days=n) for n in range((last - min(entered)).days + 1)]
    watched = [_watched(entered, day, facts.observation_days) for day in days]
    return [
        {"on": day.isoformat(), "n": facts.contaminated.get(day, 0), "watched": n}
        for day, n in zip(days, watched, strict=True)
    ]


def _watched(entered: Counter[dt.date], day: dt.date, observation_days: int) -> int:
    """Control customers in their observation days on a date."""
    return sum(n for since, n in entered.items() if since <= day < since + dt.timedelta(days=observation_days))
