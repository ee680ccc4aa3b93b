"""A model ready to score: encoding, model and calibration, and the same as text files and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from predictions.modelling.blend import Blend, Model
from predictions.modelling.calibration import Calibration
from predictions.modelling.encoding import Encoding
from predictions.modelling.linear import Linear
from predictions.modelling.rule import Rule
from predictions.modelling.trees import Trees

__all__ = ["Scorer"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Scorer:
    """Probabilities and contributions for feature frames."""

    encoding: Encoding
    model: Model
    calibration: Calibration = field(default_factory=lambda: Calibration("none"))

    def probability(self, frame: pl.DataFrame) -> Vector:
        """Calibrated probability of churn for each row, rounded to the six decimals that are stored."""
        raw = self.model.probability(self.encoding.matrix(frame))
        return np.asarray(np.round(np.clip(self.calibration.apply(raw), 0, 1), 6), dtype=np.float64)

    def contributions(self, frame: pl.DataFrame) -> Vector:
        """(rows, features + 1) before calibration, in the model's own units; the last column is the mean."""
        return self.model.contributions(self.encoding.matrix(frame))

    def files(self) -> dict[str, str]:
        """The scorer as text: JSON, and LightGBM's own text for trees."""
        texts: dict[str, str] = {}
        head = {
            "encoding": self.encoding.document(),
            "model": _document(self.model, texts, "model"),
            "calibration": self.calibration.document(),
        }
        return {"scorer.json": json.dumps(head, ensure_ascii=False, sort_keys=True, indent=1), **texts}

    @classmethod
    def from_files(cls, files: Mapping[str, str]) -> "Scorer":
        head = json.loads(files["scorer.json"])
        return cls(
            encoding=Encoding.from_document(head["encoding"]),
            model=_model(head["model"], files),
            calibration=Calibration.from_document(head["calibration"]),
        )


def _document(model: Model, texts: dict[str, str], name: str) -> dict[str, Any]:
    """What JSON says of a model; the text of trees goes into a file of its own."""
    if isinstance(model, Trees):
        texts[f"{name}.txt"] = model.text
        return {"form": "trees", "file": f"{name}.txt", "kind": model.kind, "is_log_odds": model.is_log_odds}
    if isinstance(model, Blend):
        members = [
            {"weight": weight, "model": _document(member, texts, f"{name}-{at}")}
            for at, (weight, member) in enumerate(model.members)
        ]
        return {"form": "blend", "kind": model.kind, "members": members}
    return {"form": "rule" if isinstance(model, Rule) else "linear", "document": model.document()}


def _model(document: Mapping[str, Any], files: Mapping[str, str]) -> Model:
    match document["form"]:
        case "trees":
            return Trees(files[document["file"]], kind=document["kind"], is_log_odds=document["is_log_odds"])
        case "blend":
            members = [(entry["weight"], _model(entry["model"], files)) for entry in document["members"]]
            return Blend(tuple(members), kind=document["kind"])  # type: ignore[arg-type]
        case "rule":
            return Rule.from_document(document["document"])
        case _:
            return Linear.from_document(document["document"])
