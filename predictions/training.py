"""Training: many dates, candidates, calibration, test weeks, a registered challenger, and the promotion rule.

Only as-of dates whose labels closed before `as_of` are used, and each with what was known before it.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from customers.commands import Advance
from predictions import artifacts, registry, training_report
from predictions.artifacts import Damaged
from predictions.code_version import code_version
from predictions.features.catalogue import LABELS
from predictions.modelling.analysis import analyse, gains
from predictions.modelling.contest import Entry, best, enter_all
from predictions.modelling.encoding import Encoding
from predictions.modelling.examination import Examined, curves, examine, thinned
from predictions.modelling.leaks import possible_leaks, single_aucs
from predictions.modelling.promotion import Decision, Paired, compare, decide
from predictions.modelling.rows import Rows
from predictions.modelling.rule import Rule, missing_rows
from predictions.modelling.scorer import Scorer
from predictions.modelling.splits import Splits, split
from predictions.modelling.stability import profile
from predictions.models import ModelVersion
from predictions.snapshots import catalogue_version
from predictions.training_data import NAMES, Collected, collect

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = ["DEFAULT_TRIALS", "train"]

DEFAULT_TRIALS = 8
DEFAULT_SEED = 20_170_101
LEAK_ROWS = 50_000
LEAST_OF_EACH = {"train": 50, "calibration": 20, "test": 1}


@dataclass(frozen=True)
class Slices:
    """Encoded rows of the three slices; test rows are of seen and unseen customers."""

    splits: Splits
    encoding: Encoding
    train: Rows
    calibration: Rows
    test: Rows
    is_seen: np.ndarray
    test_frame: pl.DataFrame

    @property
    def lacking(self) -> str:
        """Which slice is too small to learn from, as a sentence; empty when none is."""
        for name, least in LEAST_OF_EACH.items():
            rows: Rows = getattr(self, name)
            if min(rows.n_churned, rows.n_retained) < least:
                return f"The {name} weeks hold {rows.n_churned} churned and {rows.n_retained} retained rows: too few."
        return ""


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
    slices = None if lacking else _slices(collected, horizon, seed)
    if slices is None or slices.lacking:
        reason = lacking or (slices.lacking if slices else "")
        return _register_rule(as_of=as_of, collected=collected, lacking=reason, user=user)
    return _register_best(
        as_of=as_of, collected=collected, slices=slices, trials=trials, seed=seed, user=user, show=show
    )


def _slices(collected: Collected, horizon_days: int, seed: int) -> Slices:
    splits = split(dates=collected.dates, horizon_days=horizon_days)
    learned = _on((*splits.train, *splits.calibration)) & ~pl.col("is_held_out")
    encoding = Encoding.fit(collected.frame.filter(learned), names=NAMES, labels=sorted(LABELS))
    known = collected.rows(encoding, learned)
    test_frame = collected.frame.filter(_on(splits.test))
    whole = collected.rows(encoding, _on(splits.test))
    test = thinned(whole, seed=seed)
    return Slices(
        splits=splits,
        encoding=encoding,
        train=known.where(known.on(_ordinals(splits.train))),
        calibration=known.where(known.on(_ordinals(splits.calibration))),
        test=test,
        is_seen=np.isin(test.customers, np.unique(known.customers)),
        test_frame=test_frame.filter(pl.Series(np.isin(whole.customers, np.unique(test.customers)))),
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
    model = _registered(
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
            "warnings": [f"Possible leak: {name} alone has a ROC AUC of {single[name]:.3f}." for name in leaks],
        },
        user=user,
    )
    _settle(model, _decision(model, chosen, slices, leaks, examined[chosen.name]), user)
    return model


def _register_rule(
    *, as_of: dt.date, collected: Collected, lacking: str, user: "AbstractBaseUser | None"
) -> ModelVersion:
    """The rule that scores while there is too little data."""
    encoding = Encoding.fit(collected.frame, names=NAMES, labels=sorted(LABELS))
    scorer = Scorer(encoding, Rule.over(encoding, horizon_days=settings.HORIZON_DAYS))
    churned = collected.frame["churned"].to_numpy().astype(np.bool_)
    measured = _rule_metrics(scorer, collected.frame, churned)
    model = _registered(
        as_of=as_of,
        files=scorer.files(),
        fields={
            "kind": "rule",
            "parameters": {"threshold": 0.5},
            "data": {"as_of_dates": [date.isoformat() for date in collected.dates], "rows": collected.frame.height},
            "metrics": measured,
            "warnings": [lacking],
        },
        user=user,
    )
    current = registry.champion()
    if current is None or current.kind == "rule":
        _settle(model, Decision(True, lacking), user)
    else:
        _settle(model, Decision(False, lacking), user)
    return model


def _rule_metrics(scorer: Scorer, frame: pl.DataFrame, churned: np.ndarray) -> dict[str, Any]:
    """A rule learns nothing, so every row with a closed label tests it."""
    entry = Entry("rule", scorer.model, scorer.calibration, 0.0, 0.5, 0)
    rows = Rows(scorer.encoding.matrix(frame), churned, frame["customer_pk"].to_numpy(), frame["day"].to_numpy())
    return examine(entry=entry, test=rows, is_seen=np.ones(len(churned), dtype=np.bool_), seed=0).document()


@transaction.atomic
def _registered(
    *, as_of: dt.date, files: dict[str, str], fields: dict[str, Any], user: "AbstractBaseUser | None"
) -> ModelVersion:
    """The model's row and files; the same files are the same version, which is there once."""
    digest = artifacts.digest(files)
    version = f"{as_of:%Y%m%d}-{fields['kind']}-{digest[:8]}"
    folder = f"models/{version}"
    signature = artifacts.write(folder=folder, files=files)
    model, created = ModelVersion.objects.get_or_create(
        version=version,
        defaults={
            **fields,
            "as_of": as_of,
            "horizon_days": settings.HORIZON_DAYS,
            "catalogue_version": catalogue_version(),
            "code_version": code_version(),
            "path": folder,
            "signature": signature,
            "created_by": user,  # type: ignore[misc]
        },
    )
    if not created:
        ModelVersion.objects.filter(pk=model.pk).update(signature=signature)
        model.signature = signature
    return model


def _settle(model: ModelVersion, decision: Decision, user: "AbstractBaseUser | None") -> None:
    """Promote where the rule says so, else note why not, and write the report."""
    if model.role != ModelVersion.Role.CHAMPION:
        if decision.promote:
            registry.promote(model=model, user=user, reason=decision.reason)
        elif model.role == ModelVersion.Role.CHALLENGER:
            model.data = {**model.data, "not_promoted": decision.reason}
            model.save(update_fields=["data"])
    training_report.write(model)


def _decision(model: ModelVersion, chosen: Entry, slices: Slices, leaks: Sequence[str], examined: Examined) -> Decision:
    champion = registry.champion()
    return decide(
        leaks=list(leaks),
        calibration_error=examined.everyone.measures["ece"].value,
        has_champion=champion is not None,
        champion_is_rule=champion is not None and champion.kind == "rule",
        paired=_paired(champion, chosen, slices) if champion is not None else None,
    )


def _paired(champion: ModelVersion, chosen: Entry, slices: Slices) -> Paired | None:
    """Both on the same test rows; None where the champion reads other features, another horizon, or is damaged."""
    if (champion.catalogue_version, champion.horizon_days) != (catalogue_version(), settings.HORIZON_DAYS):
        return None
    try:
        scorer = registry.load(champion)
    except Damaged:
        return None
    return compare(
        challenger=chosen.probability(slices.test),
        champion=scorer.probability(slices.test_frame),
        churned=slices.test.churned,
        customers=slices.test.customers,
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
    sizes = {name: len(getattr(slices, name)) for name in ("train", "calibration", "test")}
    return {
        "as_of_dates": [date.isoformat() for date in slices.splits.all],
        "rows": sum(sizes.values()),
        "rows_by_slice": sizes,
        "splits": {
            name: [date.isoformat() for date in getattr(slices.splits, name)]
            for name in ("train", "calibration", "test")
        },
        "customers": collected.frame["customer_pk"].n_unique(),
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


def _on(dates: Sequence[dt.date]) -> pl.Expr:
    return pl.col("day").is_in(sorted(_ordinals(dates)))


def _ordinals(dates: Sequence[dt.date]) -> set[int]:
    return {date.toordinal() for date in dates}
