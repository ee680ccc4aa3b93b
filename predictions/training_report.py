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

__all__ = ["drops", "names", "path_of", "write"]

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
        "splits": _splits(model),
        "curves": [mark_safe(svg) for svg in _curves(model.curves)],  # noqa: S308 - drawn here
        "features": [mark_safe(svg) for svg in _features(model.analysis)],  # noqa: S308 - drawn here
        "groups": model.analysis.get("groups", []),
        "drops": drops(model),
        "parameters": sorted(
            (name, value) for name, value in model.parameters.items() if not isinstance(value, dict | list)
        ),
    }


def drops(model: ModelVersion) -> list[dict[str, str]]:
    """The features that could go, each with the reason as a sentence."""
    return [{"feature": drop["feature"], "reason": said(drop["reason"])} for drop in model.analysis.get("drops", [])]


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


def _measures(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    groups = (metrics, metrics.get("seen", {}), metrics.get("unseen", {}))
    return [{"name": label, "cells": [group.get(name) for group in groups]} for name, label in names().items()]


def _candidates(model: ModelVersion) -> list[dict[str, Any]]:
    entries = {model.kind: model.metrics, **model.baselines}
    return [
        {"name": name, "is_chosen": name == model.kind, "cells": [metrics.get(measure) for measure in names()]}
        for name, metrics in entries.items()
    ]


def _splits(model: ModelVersion) -> list[dict[str, Any]]:
    sizes = model.data.get("rows_by_slice", {})
    return [
        {"name": name, "first": dates[0], "last": dates[-1], "n_dates": len(dates), "n_rows": sizes.get(name)}
        for name, dates in model.data.get("splits", {}).items()
        if dates
    ]


def _curves(curves: dict[str, Any]) -> list[str]:
    if not curves:
        return []
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
