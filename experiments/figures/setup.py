"""The experiment as it was locked, who is in it, and when the outcomes that are not known yet will be."""

import datetime as dt
from itertools import accumulate

from experiments.document import ArmCount, Configuration, Counts, RipeDay
from experiments.facts import NOT_LISTED
from experiments.figures.setting import Setting

__all__ = ["configuration", "counts"]


def configuration(setting: Setting) -> Configuration:
    experiment = setting.experiment
    return {
        "id": experiment.pk,
        "name": experiment.name,
        "hypothesis": experiment.hypothesis,
        "state": experiment.state,
        "starts_on": experiment.starts_on.isoformat(),
        "ends_on": experiment.ends_on.isoformat(),
        "started_on": _iso(experiment.started_on),
        "ended_on": _iso(experiment.ended_on),
        "observation_days": experiment.observation_days,
        "significance": float(experiment.significance),
        "power": float(experiment.power),
        "smallest_effect": float(experiment.smallest_effect),
        "treatment_cost": float(experiment.treatment_cost),
        "value_source": experiment.value_source,
        "value": None if experiment.value is None else float(experiment.value),
        "is_stratified": experiment.is_stratified,
        "daily_capacity": experiment.daily_capacity,
        "arms": [
            {"name": arm.name, "is_control": arm.is_control, "share": float(arm.share), "measure": arm.measure}
            for arm in setting.arms
        ],
    }


def counts(setting: Setting) -> Counts:
    facts = setting.facts
    enrolled = facts.sizes(lambda cell: cell.enrolled_on)
    ripe = facts.sizes(facts.ripe_on)
    coming = _coming(setting)
    return {
        "enrolled": setting.n_enrolled,
        "known": setting.n_known,
        "waiting": setting.n_enrolled - setting.n_known,
        "first_enrolled_on": _iso(min(enrolled, default=None)),
        "last_enrolled_on": _iso(max(enrolled, default=None)),
        "first_ripe_on": _iso(min(ripe, default=None)),
        "next_ripe_on": coming[0]["on"] if coming else None,
        "next_ripe": coming[0]["n"] if coming else 0,
        "last_ripe_on": _iso(max(ripe, default=None)),
        "coming": coming,
        "arms": _arms(setting),
    }


def _arms(setting: Setting) -> list[ArmCount]:
    facts = setting.facts
    listed = facts.sizes(lambda cell: None if cell.listed_for == NOT_LISTED else cell.arm)
    treated = facts.sizes(lambda cell: cell.arm if cell.is_treated else None)
    return [
        {
            "arm": arm.name,
            "is_control": arm.is_control,
            "share": float(arm.share),
            "enrolled": setting.enrolled[arm.position],
            "known": setting.churn[arm.position].n,
            "waiting": setting.enrolled[arm.position] - setting.churn[arm.position].n,
            "listed": listed[arm.position],
            "treated": treated[arm.position],
        }
        for arm in setting.arms
    ]


def _coming(setting: Setting) -> list[RipeDay]:
    """The dates after the as-of date on which days are over, with how many customers'."""
    facts = setting.facts
    ripe = facts.sizes(lambda cell: day if (day := facts.ripe_on(cell)) > facts.as_of else None)
    days = sorted(ripe.items())
    totals = accumulate(n for _day, n in days)
    return [{"on": day.isoformat(), "n": n, "by_then": total} for (day, n), total in zip(days, totals, strict=True)]


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
