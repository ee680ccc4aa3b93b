"""A model's figures as people read them: tables with intervals, and curves."""

from typing import Any

from django.utils.translation import gettext as _

from customers import charts
from customers.admin.labels import drawn
from predictions.models import DailyQuality, ModelVersion
from predictions.training_report import curve_charts, names, slice_names

BETTER_LOW = ("log_loss", "brier", "ece")


def cell(measure: Any) -> str:
    """A value with its interval, as in 0.794 (0.781 to 0.806); a dash where there is none."""
    if isinstance(measure, int | float):
        return f"{measure:.3f}"
    if not isinstance(measure, dict) or measure.get("value") is None:
        return "–"
    if measure.get("low") is None or measure.get("high") is None:
        return f"{measure['value']:.3f}"
    texts = {name: f"{measure[name]:.3f}" for name in ("value", "low", "high")}
    return _("%(value)s (%(low)s to %(high)s)") % texts


def measures(model: ModelVersion) -> list[dict[str, Any]]:
    """A line a measure: on all test rows, on customers seen in training, on others."""
    groups = (model.metrics, model.metrics.get("seen") or {}, model.metrics.get("unseen") or {})
    return [
        {"name": label, "cells": [cell(group.get(name)) for group in groups]}
        for name, label in names().items()
        if name in model.metrics
    ]


def candidates(model: ModelVersion) -> list[dict[str, Any]]:
    """A line a candidate, the chosen one first."""
    entries = {model.kind: model.metrics, **model.baselines}
    return [
        {"name": name, "is_chosen": name == model.kind, "cells": [cell(metrics.get(one)) for one in names()]}
        for name, metrics in entries.items()
        if isinstance(metrics, dict)
    ]


def splits(model: ModelVersion, *, sees_all: bool = True) -> list[dict[str, Any]]:
    """Which weeks were for what; how many rows of customers they have is for those who see all."""
    titles = slice_names()
    sizes = model.data.get("rows_by_slice", {}) if sees_all else {}
    return [
        {"name": titles.get(name, name), "first": dates[0], "last": dates[-1], "n": len(dates), "rows": sizes.get(name)}
        for name, dates in (model.data.get("splits") or {}).items()
        if dates
    ]


def curves(model: ModelVersion) -> list[str]:
    """ROC, precision and recall, calibration and gain, as far as they were kept."""
    return [drawn(svg) for svg in curve_charts(model.curves)]


def importance(model: ModelVersion, *, most: int = 15) -> str:
    """The features that the model gains most from."""
    gain = (model.analysis or {}).get("gain") or {}
    top = sorted(gain.items(), key=lambda pair: -pair[1])[:most]
    if not top:
        return ""
    svg = charts.bars(
        [name for name, share in top], [share for name, share in top], title=_("Share of the model's gain")
    )
    return drawn(svg)


def quality(days: list[DailyQuality]) -> str:
    """ROC AUC of the days that closed, oldest first; empty below two days."""
    ordered = sorted(days, key=lambda day: day.as_of)
    points = [(day.as_of, day.metrics.get("roc_auc")) for day in ordered if day.metrics.get("roc_auc") is not None]
    if len(points) < 2:
        return ""
    svg = charts.line(
        {_("ROC AUC"): ([day for day, auc in points], [auc for day, auc in points])},
        title=_("ROC AUC of each day, once its labels closed"),
        y_label=_("ROC AUC"),
        from_zero=False,
    )
    return drawn(svg)
