"""The 88 features in order, collected from the families' modules; the attribute is the column's name."""

import dataclasses
import hashlib
from collections.abc import Iterator
from types import ModuleType

from predictions.features import basic, interaction, lifecycle, rfm, risk, social, transaction, trend
from predictions.features.core import Feature

FAMILIES: tuple[ModuleType, ...] = (basic, rfm, transaction, interaction, trend, lifecycle, social, risk)


def _declared() -> Iterator[tuple[str, str, Feature]]:
    for module in FAMILIES:
        family = module.__name__.rpartition(".")[2]
        for name, value in vars(module).items():
            if isinstance(value, Feature):
                yield family, name, value


FEATURES: tuple[Feature, ...] = tuple(
    dataclasses.replace(feature, number=number, name=name, family=family)
    for number, (family, name, feature) in enumerate(_declared(), start=1)
)
BY_NAME = {feature.name: feature for feature in FEATURES}
NAMES = tuple(BY_NAME)
LABELS = tuple(feature.name for feature in FEATURES if feature.type.is_label)
NUMERIC = tuple(feature.name for feature in FEATURES if not feature.type.is_label)


def _version() -> str:
    lines = (f"{one.number} {one.name} {one.type.text} {one.when_none} {one.expression}" for one in FEATURES)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


CATALOGUE_VERSION = _version()


def as_markdown() -> str:
    """The catalogue as a table a family, for the docs."""
    return "\n\n".join(_family_table(module) for module in FAMILIES) + "\n"


def _family_table(module: ModuleType) -> str:
    family = module.__name__.rpartition(".")[2]
    rows = [one for one in FEATURES if one.family == family]
    title = (module.__doc__ or "").strip().rstrip(".")
    head = (
        f"### {title} ({len(rows)})\n\n| # | name | type | what it is | when there is none |\n|---|---|---|---|---|\n"
    )
    return head + "\n".join(
        f"| {one.number} | {one.name} | {one.type.text} | {one.description} | {one.when_none or '–'} |" for one in rows
    )
