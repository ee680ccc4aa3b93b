"""The training report: one self-contained HTML page about a model, with its measures, curves and features."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers import charts
from predictions.models import ModelVersion
from predictions.remarks import said

__all__ = ["curve_charts", "names", "path_of", "slice_names", "write"]

SHOWN = 20


def path_of(model: ModelVersion) -> Path:
    """Where the report of a model is."""
    return Path(settings.DATA_DIR) / "reports" / f"training-{model.version}.html"


def write(model: ModelVersion) -> Path:
    """Render the report, in the language that is active, and return its path."""
    target = path_of(model)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render_to_string("predictions/training_report.html", _context(model)), encoding="utf-8")
    return target


def _context(model: ModelVersion) -> dict[str, Any]:
    return {
        "model": model,
        "language": get_language() or "en",
        "measures": _measures(model.metrics),
        "candidates": _candidates(model),
        "compared": list(compared().values()),
        "splits": _splits(model),
        "curves": [mark_safe(svg) for svg in curve_charts(model.curves)],  # noqa: S308 - drawn here
        "features": [mark_safe(svg) for svg in _features(model.analysis)],  # noqa: S308 - drawn here
        "groups": model.analysis.get("groups", []),
        "drops": _drops(model),
        "parameters": sorted(
            (name, value) for name, value in model.parameters.items() if not isinstance(value, dict | list)
        ),
    }


def _drops(model: ModelVersion) -> list[dict[str, Any]]:
    """The features that could go, by reason."""
    reasons: dict[str, list[str]] = {}
    for drop in model.analysis.get("drops", []):
        reasons.setdefault(said(drop["reason"]), []).append(drop["feature"])
    return [{"reason": reason, "features": features} for reason, features in reasons.items()]


def names() -> dict[str, str]:
    """What each measure is called."""
    return {
        "roc_auc": _("ROC AUC"),
        "pr_auc": _("Average precision"),
        "log_loss": _("Log loss"),
        "brier": _("Brier score"),
        "ece": _("Expected calibration error"),
        "lift_top_decile": _("Lift of the top tenth"),
        "base_rate": _("Base rate"),
        "accuracy": _("Accuracy"),
    }


def compared() -> dict[str, str]:
    """The measures that differ between candidates: the base rate is that of the rows."""
    return {name: label for name, label in names().items() if name != "base_rate"}


def slice_names() -> dict[str, str]:
    """What the slices of a training are for."""
    return {"train": _("training"), "calibration": _("calibration"), "test": _("test")}


def _measures(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    groups = (metrics, metrics.get("seen", {}), metrics.get("unseen", {}))
    return [{"name": label, "cells": [group.get(name) for group in groups]} for name, label in names().items()]


def _candidates(model: ModelVersion) -> list[dict[str, Any]]:
    """The chosen one first, the others from the least log loss to the largest."""
    others = sorted(model.baselines.items(), key=lambda entry: _loss(entry[1]))
    return [
        {"name": name, "is_chosen": name == model.kind, "cells": [metrics.get(measure) for measure in compared()]}
        for name, metrics in [(model.kind, model.metrics), *others]
    ]


def _loss(metrics: dict[str, Any]) -> float:
    value = (metrics.get("log_loss") or {}).get("value")
    return float("inf") if value is None else float(value)


def _splits(model: ModelVersion) -> list[dict[str, Any]]:
    sizes, titles = model.data.get("rows_by_slice", {}), slice_names()
    return [
        {"name": titles[name], "first": dates[0], "last": dates[-1], "n_dates": len(dates), "n_rows": sizes.get(name)}
        for name, dates in model.data.get("splits", {}).items()
        if dates
    ]


def curve_charts(curves: dict[str, Any]) -> list[str]:
    """ROC, precision and recall, calibration and gain as SVG, as far as they were kept."""
    plain = {
        "roc": (_("ROC curve"), _("Retained customers called"), _("Churned customers found")),
        "precision_recall": (_("Precision and recall"), _("Recall"), _("Precision")),
        "calibration": (_("Calibration"), _("Probability given"), _("Share that churned")),
        "gain": (_("Gain"), _("Customers, most at risk first"), _("Churned customers found")),
    }
    return [
        charts.line(
            {title: (curves[name]["x"], curves[name]["y"])},
            title=title,
            x_label=x_label,
            y_label=y_label,
            diagonal=name != "precision_recall",
        )
        for name, (title, x_label, y_label) in plain.items()
        if isinstance(curves.get(name), dict)
    ]


def _features(analysis: dict[str, Any]) -> list[str]:
    if not analysis:
        return []
    titles = {
        "gain": _("Share of the model's gain"),
        "permutation": _("ROC AUC lost when permuted"),
        "stability": _("PSI of later dates against earlier ones"),
        "single_auc": _("ROC AUC of a feature alone"),
    }
    drawn = []
    for name, title in titles.items():
        top = sorted(analysis[name].items(), key=lambda pair: -pair[1])[:SHOWN]
        drawn.append(charts.bars([key for key, _value in top], [value for _key, value in top], title=title))
    return drawn
