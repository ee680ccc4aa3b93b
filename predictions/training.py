"""Training: many dates, candidates, calibration, test weeks, a registered challenger, and the promotion rule.

Only as-of dates whose labels closed before `as_of` are used, and each with what was known before it.
"""

import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from django.conf import settings
from django.utils.translation import gettext as _

from customers.commands import Advance
from predictions import registry
from predictions.features.catalogue import LABELS
from predictions.modelling.analysis import analyse, gains
from predictions.modelling.contest import Entry, best, enter_all
from predictions.modelling.encoding import Encoding
from predictions.modelling.examination import Examined, curves, examine
from predictions.modelling.leaks import possible_leaks, single_aucs
from predictions.modelling.promotion import Decision, decide
from predictions.modelling.remarks import Remark, remark
from predictions.modelling.rows import Rows
from predictions.modelling.rule import Rule, missing_rows
from predictions.modelling.scorer import Scorer
from predictions.modelling.stability import profile
from predictions.models import ModelVersion
from predictions.registration import paired, register, settle
from predictions.training_data import NAMES, Collected, collect
from predictions.training_slices import Slices, cut

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = ["DEFAULT_TRIALS", "train"]

DEFAULT_TRIALS = 8
DEFAULT_SEED = 20_170_101
LEAK_ROWS = 50_000


def train(
    *,
    as_of: dt.date,
    trials: int = DEFAULT_TRIALS,
    seed: int = DEFAULT_SEED,
    user: "AbstractBaseUser | None" = None,
    advance: Advance | None = None,
) -> ModelVersion:
    """Train, register and, by the promotion rule, promote; the same data and seed give the same version again."""
    show = advance or Advance()
    horizon = settings.HORIZON_DAYS
    collected = collect(as_of=as_of, horizon_days=horizon, advance=show)
    n_churned = int(collected.frame["churned"].sum())
    lacking = missing_rows(n_churned=n_churned, n_retained=collected.frame.height - n_churned)
    slices = None if lacking else cut(collected=collected, horizon_days=horizon, seed=seed)
    lacking = slices.lacking if slices else lacking
    if slices is None or lacking:
        return _register_rule(as_of=as_of, collected=collected, lacking=lacking, user=user)
    return _register_best(
        as_of=as_of, collected=collected, slices=slices, trials=trials, seed=seed, user=user, show=show
    )


def _register_best(
    *,
    as_of: dt.date,
    collected: Collected,
    slices: Slices,
    trials: int,
    seed: int,
    user: "AbstractBaseUser | None",
    show: Advance,
) -> ModelVersion:
    entries = enter_all(
        train=slices.train,
        validation=slices.calibration,
        encoding=slices.encoding,
        trials=trials,
        seed=seed,
        advance=lambda name, done, total: show(_("Candidates"), done, total),
    )
    chosen = best(entries)
    examined = {
        entry.name: examine(entry=entry, test=slices.test, is_seen=slices.is_seen, seed=seed) for entry in entries
    }
    single = single_aucs(
        rows=slices.train.sample(most=LEAK_ROWS, seed=seed), names=NAMES, labels=slices.encoding.label_positions
    )
    leaks = possible_leaks(single)
    analysis = analyse(
        model=chosen.model,
        rows=slices.calibration,
        names=NAMES,
        labels=slices.encoding.label_positions,
        single=single,
        seed=seed,
    )
    scorer = Scorer(slices.encoding, chosen.model, chosen.calibration)
    model = register(
        as_of=as_of,
        files={**scorer.files(), "reference.json": _reference(slices, chosen)},
        fields={
            "kind": chosen.name,
            "parameters": {**chosen.parameters, "threshold": chosen.threshold, "trials": trials, "seed": seed},
            "data": _data(collected, slices),
            "metrics": examined[chosen.name].document(),
            "baselines": _others(examined, entries, chosen),
            "curves": curves(probability=chosen.probability(slices.test), churned=slices.test.churned),
            "analysis": analysis.document(),
            "warnings": [remark("leak", feature=name, auc=single[name]) for name in leaks],
        },
        user=user,
    )
    settle(model=model, decision=_decision(chosen, slices, leaks, examined[chosen.name]), user=user)
    return model


def _register_rule(
    *, as_of: dt.date, collected: Collected, lacking: Remark | None, user: "AbstractBaseUser | None"
) -> ModelVersion:
    """The rule that scores while there is too little data."""
    encoding = Encoding.fit(collected.frame, names=NAMES, labels=sorted(LABELS))
    scorer = Scorer(encoding, Rule.over(encoding, horizon_days=settings.HORIZON_DAYS))
    churned = collected.frame["churned"].to_numpy().astype(np.bool_)
    measured = _rule_metrics(scorer, collected.frame, churned)
    model = register(
        as_of=as_of,
        files=scorer.files(),
        fields={
            "kind": "rule",
            "parameters": {"threshold": 0.5},
            "data": {
                "as_of_dates": [date.isoformat() for date in collected.dates],
                "rows": collected.frame.height,
                "rows_treated": collected.n_treated,
            },
            "metrics": measured,
            "warnings": [lacking] if lacking else [],
        },
        user=user,
    )
    current = registry.champion()
    takes_over = current is None or current.kind == "rule"
    settle(model=model, decision=Decision(takes_over, lacking), user=user)
    return model


def _rule_metrics(scorer: Scorer, frame: pl.DataFrame, churned: np.ndarray) -> dict[str, Any]:
    """A rule learns nothing, so every row with a closed label tests it."""
    entry = Entry("rule", scorer.model, scorer.calibration, 0.0, 0.5, 0)
    rows = Rows(scorer.encoding.matrix(frame), churned, frame["customer_pk"].to_numpy(), frame["day"].to_numpy())
    return examine(entry=entry, test=rows, is_seen=np.ones(len(churned), dtype=np.bool_), seed=0).document()


def _decision(chosen: Entry, slices: Slices, leaks: Sequence[str], examined: Examined) -> Decision:
    champion = registry.champion()
    return decide(
        leaks=list(leaks),
        calibration_error=examined.everyone.measures["ece"].value,
        has_champion=champion is not None,
        champion_is_rule=champion is not None and champion.kind == "rule",
        paired=paired(champion=champion, chosen=chosen, slices=slices) if champion is not None else None,
    )


def _reference(slices: Slices, chosen: Entry) -> str:
    """What drift is measured against: each feature in training, the score on the calibration weeks."""
    train, encoding = slices.train, slices.encoding
    n_units = len(np.unique(train.customers))
    features = {
        name: profile(
            values=train.matrix[:, position],
            n_units=n_units,
            n_codes=len(encoding.categories.get(name, ())),
        ).document()
        for position, name in enumerate(encoding.names)
    }
    calibrated = slices.calibration
    score = profile(values=chosen.probability(calibrated), n_units=len(np.unique(calibrated.customers)))
    reference = {"features": features, "score": score.document(), "gain": gains(model=chosen.model, names=NAMES)}
    return json.dumps(reference, sort_keys=True)


def _data(collected: Collected, slices: Slices) -> dict[str, Any]:
    return {
        **slices.document(),
        "customers": collected.frame["customer_pk"].n_unique(),
        "rows_treated": collected.n_treated,
        "customers_held_out": collected.frame.filter("is_held_out")["customer_pk"].n_unique(),
    }


def _others(examined: dict[str, Examined], entries: Sequence[Entry], chosen: Entry) -> dict[str, Any]:
    return {
        entry.name: {
            **examined[entry.name].document(),
            "calibration_slice_log_loss": entry.loss,
            "rows_fitted": entry.n_rows,
            "calibration": entry.calibration.method,
        }
        for entry in entries
        if entry.name != chosen.name
    }
