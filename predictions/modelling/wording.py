"""Puts a customer's values into the sentences of its features."""

import math
import re
from collections.abc import Mapping
from typing import Any

from predictions.modelling.sentences import SENTENCES, Sentence

__all__ = ["sentence", "topic"]

FIELD = re.compile(r"\{(\w+):([^}]+)\}")


def topic(name: str) -> str:
    """What a feature speaks of; features of one topic say the same in other words."""
    return SENTENCES[name].topic if name in SENTENCES else name


def sentence(*, name: str, row: Mapping[str, Any]) -> dict[str, str]:
    """What a feature's value says of the customer, {"zh", "en"}; an unknown feature is named with its value."""
    declared = SENTENCES.get(name) or Sentence(name, f"{name}: {{{name}:t}}", f"{name}：{{{name}:t}}")
    english, chinese = _templates(declared, name, row)
    return {"zh": _filled(chinese, row), "en": _filled(english, row)}


def _templates(declared: Sentence, name: str, row: Mapping[str, Any]) -> tuple[str, str]:
    if _is_missing(row.get(name)):
        return declared.none or (f"No value of {name}", f"{name} 没有值")
    if declared.fuller and not any(_is_missing(row.get(field)) for field, _ in FIELD.findall(declared.fuller[0])):
        return declared.fuller
    return declared.en, declared.zh


def _filled(template: str, row: Mapping[str, Any]) -> str:
    return FIELD.sub(lambda found: _shown(row.get(found[1]), found[2]), template)


def _shown(value: Any, how: str) -> str:
    if how == "t" or isinstance(value, str):
        return str(value)
    number = float(value)
    match how:
        case "n":
            return _number(number)
        case "p":
            return f"{100 * number:.0f}%"
        case "m":
            return f"{number:,.2f}"
        case "s":
            return ("+" if number > 0 else "") + _number(number)
        case _:
            one, many = how.split("|")
            return f"{_number(number)} {one if _number(number) == '1' else many}"


def _number(number: float) -> str:
    """Whole numbers plainly, others with one decimal from 10 on and two below."""
    if number == int(number):
        return f"{int(number):,}"
    return f"{number:,.1f}" if abs(number) >= 10 else f"{number:.2f}".rstrip("0").rstrip(".")


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
