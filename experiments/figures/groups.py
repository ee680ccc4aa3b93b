"""The effect in parts of the customers: those really treated, those whom the list reached, and subgroups."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from experiments.document import Complier, Ghosts, Subgroup
from experiments.facts import NOT_LISTED
from experiments.figures.setting import Setting, ends, reasoned
from experiments.models import Arm
from experiments.reasons import NO_GHOSTS
from experiments.stats import Moments, Paired, Proportion
from experiments.stats.comparison import rate_test
from experiments.stats.compliers import complier_effect
from experiments.stats.holm import holm
from experiments.stats.newcombe import difference, newcombe
from experiments.stats.subgroups import Subgroup as SubgroupFacts
from experiments.stats.subgroups import SubgroupEffect, subgroup_effects

__all__ = ["compliers", "ghosts", "subgroups"]

COVARIATES = ("risk_level", "customer_type")


def compliers(setting: Setting) -> list[Complier]:
    return [_complier(setting, arm) for arm in setting.others]


def _complier(setting: Setting, arm: Arm) -> Complier:
    control, mine = _treated(setting, 0), _treated(setting, arm.position)
    found = complier_effect(control=control, arm=mine, alpha=setting.alpha)
    figures = {
        "arm": arm.name,
        "control": setting.control.name,
        "treated_arm": mine.x.mean if mine.n else None,
        "treated_control": control.x.mean if control.n else None,
        "share": found.share,
        "effect": found.effect,
        "ci": ends(found.interval),
    }
    document: Complier = reasoned(figures, found.reason)
    return document


def _treated(setting: Setting, arm: int) -> Paired:
    """Of the known of an arm: x whether treated, y whether churned."""
    by_both = setting.facts.sizes(
        lambda cell: (cell.is_treated, cell.is_churned) if cell.is_known and cell.arm == arm else None
    )
    n, both = sum(by_both.values()), by_both[True, True]
    treated, churned = both + by_both[True, False], both + by_both[False, True]
    if not n:
        return Paired()
    return Paired(x=_share(n, treated), y=_share(n, churned), products=float(Fraction(n * both - treated * churned, n)))


def _share(n: int, ones: int) -> Moments:
    return Moments.from_sums(n=n, total=ones, total_of_squares=ones)


def ghosts(setting: Setting) -> list[Ghosts]:
    """Holm's adjustment is over the arms, as in intention to treat."""
    churn = setting.facts.churn(lambda cell: None if cell.listed_for == NOT_LISTED else (cell.listed_for, cell.arm))
    pairs = [
        (churn.get((arm.position, 0), Proportion()), churn.get((arm.position, arm.position), Proportion()))
        for arm in setting.others
    ]
    adjusted = holm([rate_test(*pair).p_value for pair in pairs])
    return [
        _ghosts(setting, arm, *pair, p_adjusted)
        for arm, pair, p_adjusted in zip(setting.others, pairs, adjusted, strict=True)
    ]


def _ghosts(setting: Setting, arm: Arm, ghost: Proportion, listed: Proportion, p_adjusted: float | None) -> Ghosts:
    test = rate_test(ghost, listed)
    is_empty = not (ghost.n and listed.n)
    figures = {
        "arm": arm.name,
        "control": setting.control.name,
        "listed": _rate(listed),
        "ghosts": _rate(ghost),
        "difference": None if is_empty else difference(ghost, listed),
        "difference_ci": ends(newcombe(ghost, listed, alpha=setting.alpha)),
        "p_value": test.p_value,
        "p_adjusted": p_adjusted,
        "test": test.name,
    }
    document: Ghosts = reasoned(figures, NO_GHOSTS if is_empty else test.reason)
    return document


def _rate(churn: Proportion) -> dict[str, Any]:
    return {"n": churn.n, "events": churn.events, "rate": churn.rate if churn.n else None}


def subgroups(setting: Setting) -> list[Subgroup]:
    """By each covariate's levels in their order; one Holm over all of them."""
    keys = [(arm, facts) for arm in setting.others for facts in _subgroups(setting, arm)]
    effects = subgroup_effects([facts for _arm, facts in keys], alpha=setting.alpha)
    return [_subgroup(setting, arm, effect) for (arm, _facts), effect in zip(keys, effects, strict=True)]


def _subgroups(setting: Setting, arm: Arm) -> Iterable[SubgroupFacts]:
    for name in COVARIATES:
        churn = _churn_by(setting, name)
        for level in sorted({level for level, _arm in churn}):
            control, mine = churn.get((level, 0), Proportion()), churn.get((level, arm.position), Proportion())
            yield SubgroupFacts(covariate=name, level=level, control=control, arm=mine)


def _churn_by(setting: Setting, name: str) -> Mapping[tuple[str, int], Proportion]:
    return setting.facts.churn(lambda cell: (str(getattr(cell, name)), cell.arm))


def _subgroup(setting: Setting, arm: Arm, effect: SubgroupEffect) -> Subgroup:
    facts = effect.subgroup
    figures = {
        "by": facts.covariate,
        "level": facts.level,
        "arm": arm.name,
        "control": setting.control.name,
        "n_control": facts.control.n,
        "n_arm": facts.arm.n,
        "rate_control": facts.control.rate if facts.control.n else None,
        "rate_arm": facts.arm.rate if facts.arm.n else None,
        "difference": effect.difference,
        "difference_ci": ends(effect.interval),
        "p_value": effect.p_value,
        "p_adjusted": effect.p_adjusted,
        "test": effect.test,
    }
    document: Subgroup = reasoned(figures, effect.reason)
    return document
