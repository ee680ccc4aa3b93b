"""Train, compare, register and, by the promotion rule, promote a model."""

import argparse
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from customers.commands import Advance
from customers.commands import Command as Base
from predictions import training, training_report
from predictions.modelling.evaluation import MEASURES
from predictions.models import ModelVersion


class Command(Base):
    help = "Train a model on as-of dates whose labels are closed, compare it, register it, promote it by the rule."
    example = "train_model --as-of 2017-10-01"
    has_as_of = True
    as_of_required = True

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--trials",
            type=_positive,
            default=training.DEFAULT_TRIALS,
            metavar="N",
            help=f"LightGBM parameter sets to try (default {training.DEFAULT_TRIALS})",
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=training.DEFAULT_SEED,
            metavar="S",
            help="of everything drawn; the same gives the same model",
        )

    def run(self, *, advance: Advance, **options: Any) -> dict[str, Any]:
        self.model = training.train(
            as_of=options["as_of"], trials=options["trials"], seed=options["seed"], advance=advance
        )
        return document(self.model)

    def report(self, result: dict[str, Any]) -> None:
        say = self.console.print
        say(_("Model %(version)s (%(kind)s)") % result)
        for name, label in training_report.names().items():
            say(f"  {label:<28} {_shown(self.model.metrics, name)}")
        for group, label in (("seen", _("customers seen in training")), ("unseen", _("unseen customers"))):
            say(f"  ROC AUC, {label}: {_shown(self.model.metrics.get(group, {}), 'roc_auc')}")
        for name, metrics in self.model.baselines.items():
            say(f"  ROC AUC, {name}: {_shown(metrics, 'roc_auc')}")
        for warning in self.model.told:
            say(f"! {warning}")
        say(_("It is the champion.") if result["promoted"] else self.model.why_not_promoted)
        say(_("Report: %(path)s") % {"path": training_report.path_of(self.model)})


def document(model: ModelVersion) -> dict[str, Any]:
    """What `--json` prints of a model."""
    return {
        "version": model.version,
        "kind": model.kind,
        "promoted": model.role == ModelVersion.Role.CHAMPION,
        "metrics": _values(model.metrics),
        "baselines": {name: _values(metrics) for name, metrics in model.baselines.items()},
        "as_of_dates": model.data.get("as_of_dates", []),
        "rows": model.data.get("rows", 0),
    }


def _values(metrics: dict[str, Any]) -> dict[str, float | None]:
    return {name: (metrics.get(name) or {}).get("value") for name in MEASURES}


def _shown(metrics: dict[str, Any], name: str) -> str:
    cell = metrics.get(name) or {}
    if cell.get("value") is None:
        return "–"
    interval = f"  ({cell['low']:.3f} – {cell['high']:.3f})" if cell.get("low") is not None else ""
    return f"{cell['value']:.4f}{interval}"


def _positive(raw: str) -> int:
    if not raw.isdigit() or not 1 <= int(raw) <= 1000:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a whole number from 1 to 1000")
    return int(raw)
