"""Every number of the health score, with its default; a configuration is this document with some of it changed.

A document may hold any part of the whole: what it leaves out is the default's. Adoption's tiers stand at the top, for
every business has its own.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from healthscore.dimensions.catalogue import BY_NAME, NAMES

__all__ = ["DEFAULT", "GRADES", "Configuration", "Wrong"]

GRADES = ("excellent", "good", "at_risk", "critical")
TYPES = ("enterprise", "mid_market", "startup")
EDGE = 1e-9
MOST, MOST_DAYS = 1e12, 3_660
LEAST = 2

DEFAULT: dict[str, Any] = {
    "weights": {
        "enterprise": dict(zip(NAMES, (0.15, 0.20, 0.15, 0.10, 0.10, 0.10, 0.10, 0.10), strict=True)),
        "mid_market": dict(zip(NAMES, (0.20, 0.15, 0.15, 0.15, 0.10, 0.10, 0.05, 0.10), strict=True)),
        "startup": dict(zip(NAMES, (0.25, 0.10, 0.10, 0.20, 0.15, 0.10, 0.05, 0.05), strict=True)),
    },
    "type_otherwise": "mid_market",
    "usage": {"weights": {"login_frequency": 0.5, "depth": 0.5}, "days": 30, "login_days_target": 20},
    "engagement": {
        "weights": {"sessions": 0.35, "time": 0.35, "onboarding": 0.3},
        "days": 30,
        "sessions_target": 40,
        "minutes_target": 600,
    },
    "support": {
        "weights": {"volume": 0.3, "resolution": 0.4, "satisfaction": 0.3},
        "days": 90,
        "tickets_limit": 12,
        "limits_hours": {"urgent": 8, "high": 24, "medium": 72, "low": 120},
    },
    "payment": {
        "weights": {"status": 0.6, "renewals": 0.4},
        "status_scores": {"current": 1.0, "late": 0.5, "overdue": 0.0},
        "days": 365,
        "renewal_days_before": 60,
        "renewal_days_after": 30,
    },
    "adoption": {"weights": {"core": 0.5, "advanced": 0.3, "integration": 0.2}, "days": 30},
    "adoption_tiers": {"core": [], "advanced": [], "integration": []},
    "satisfaction": {"weights": {"nps": 0.6, "tickets": 0.4}, "days": 90},
    "lifecycle": {
        "weights": {"contract_left": 0.5, "maturity": 0.5},
        "months_left_target": 6,
        "maturity_months_target": 24,
    },
    "value": {
        "weights": {"mrr": 0.7, "growth": 0.3},
        "mrr_targets": {"enterprise": 20_000, "mid_market": 5_000, "startup": 1_000},
        "growth_days": 90,
    },
    "grades": {"excellent": 0.80, "good": 0.60, "at_risk": 0.30},
    "trend": {"days": 30, "threshold": 0.02, "forecast_days": 30, "history_days": 90, "least_scores": 14},
    "alerts": {
        "score_drop": 0.10,
        "renewal_days": 60,
        "renewal_days_before": 60,
        "renewal_score": 0.60,
        "inactive_days": 14,
        "nps_below": 0,
    },
}


class Wrong(ValueError):  # noqa: N818 - reads as what the document is
    """The document is no configuration; says where and why."""


@dataclass(frozen=True)
class Configuration:
    """The whole document, checked."""

    document: Mapping[str, Any]

    @classmethod
    def of(cls, changes: Mapping[str, Any] | None = None) -> "Configuration":
        """The default with `changes`; raises Wrong for a key that is not one, or a value that cannot be."""
        return cls(_checked(_merged(DEFAULT, {} if changes is None else changes, "")))

    @cached_property
    def digest(self) -> str:
        """Tells configurations apart: equal documents have equal digests."""
        return hashlib.sha256(json.dumps(self.document, sort_keys=True).encode()).hexdigest()[:16]

    def numbers(self, dimension: str) -> dict[str, Any]:
        """What a dimension's declarations read: its own section, and what stands above the sections."""
        shared = {"tiers": self.document["adoption_tiers"], "type_otherwise": self.document["type_otherwise"]}
        return {**shared, **self.document[dimension]}

    def weights(self, customer_type: str) -> dict[str, float]:
        """The weight of each dimension for a type of customer, compared letter by letter."""
        table = self.document["weights"]
        chosen = table.get(customer_type, table[self.document["type_otherwise"]])
        return {name: float(chosen[name]) for name in NAMES}

    @property
    def trend_days(self) -> int:
        """How many days back a change looks."""
        return int(self.document["trend"]["days"])

    @property
    def longest_window(self) -> int:
        """The days of activity that a score needs."""
        sections = (self.document[name] for name in ("usage", "engagement", "adoption"))
        return int(max(self.document["alerts"]["inactive_days"], *(section["days"] for section in sections)))


def _merged(default: Mapping[str, Any], changes: Mapping[str, Any], path: str) -> dict[str, Any]:
    if not isinstance(changes, Mapping):
        raise Wrong(f"{path or 'The configuration'} must be an object with keys.")
    unknown = sorted(set(changes) - set(default))
    if unknown:
        raise Wrong(f"There is no key {path}{unknown[0]}; known are {', '.join(default)}.")
    merged = deepcopy(dict(default))
    for key, value in changes.items():
        is_section = isinstance(default[key], Mapping)
        merged[key] = _merged(default[key], value, f"{path}{key}.") if is_section else value
    return merged


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    for path, default, value in _leaves(DEFAULT, document, ""):
        _check_leaf(path, default, value)
    for kind, weights in document["weights"].items():
        _check_sum(f"weights.{kind}", weights)
    for name in BY_NAME:
        _check_sum(f"{name}.weights", document[name]["weights"])
    if document["type_otherwise"] not in document["weights"]:
        raise Wrong(f"type_otherwise must be one of {', '.join(TYPES)}.")
    bounds = [document["grades"][grade] for grade in GRADES[:-1]]
    if not 1 >= bounds[0] > bounds[1] > bounds[2] > 0:
        raise Wrong("grades must fall from excellent to good to at_risk, between 1 and 0.")
    return document


def _leaves(default: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any, Any]]:
    for key, one in default.items():
        if isinstance(one, Mapping):
            yield from _leaves(one, value[key], f"{path}{key}.")
        else:
            yield f"{path}{key}", one, value[key]


def _check_leaf(path: str, default: Any, value: Any) -> None:
    if isinstance(default, list):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Wrong(f"{path} must be a list of texts.")
    elif isinstance(default, str):
        if not isinstance(value, str):
            raise Wrong(f"{path} must be a text.")
    elif isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise Wrong(f"{path} must be a number.")
    else:
        _check_number(path, value)


def _check_number(path: str, value: float) -> None:
    name = path.rsplit(".", 1)[-1]
    if path == "alerts.nps_below":
        return
    if value < 0 or value > MOST:
        raise Wrong(f"{path} must not be below 0 or above {MOST:.0e}.")
    is_whole = name.endswith(("days", "_before", "_after", "least_scores"))
    if is_whole and (value != int(value) or value > MOST_DAYS):
        raise Wrong(f"{path} must be a whole number of days, at most {MOST_DAYS}.")
    if ".status_scores." in path and value > 1:
        raise Wrong(f"{path} must not be above 1.")
    if name == "least_scores" and value < LEAST:
        raise Wrong(f"{path} must be at least {LEAST}: a slope needs two scores.")
    if value == 0 and (name.endswith(("target", "limit")) or name == "days" or "mrr_targets" in path):
        raise Wrong(f"{path} must be above 0.")


def _check_sum(path: str, weights: Mapping[str, float]) -> None:
    total = sum(weights.values())
    if abs(total - 1) > EDGE:
        raise Wrong(f"{path} must add up to 1, not {total:g}.")
