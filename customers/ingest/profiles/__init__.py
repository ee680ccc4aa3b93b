"""Profiles: how a source's own columns and values become ours. The import guide shows each rule with an example."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from customers.ingest.declare import Kind

CONDITIONS = ("equals", "starts_with", "matches", "is_blank", "at_most")
PARTS = ("columns", "constants", "values", "set_aside", "group")
TAKES = ("sum", "min", "max", "first", "last")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A profile's rules for one kind of rows; without any, every column goes by its own name."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    set_aside: tuple[Mapping[str, Any], ...] = ()
    group: Mapping[str, Any] = field(default_factory=dict)

    def sources(self, column: str) -> tuple[str, ...]:
        """The source's columns from which one of ours is made."""
        rule = self.columns.get(column, column)
        if isinstance(rule, str):
            return (rule,)
        single = rule.get("deal") or rule.get("divide")
        return (single,) if single else tuple(rule.get("multiply") or rule["join"])

    def deal(self) -> str:
        """The source's column that names a deal of the row's customer, where a rule says so."""
        rules = [rule["deal"] for rule in self.columns.values() if isinstance(rule, dict) and "deal" in rule]
        return str(rules[0]) if rules else ""

    def needed(self) -> set[str]:
        """The source's columns that the conditions look at."""
        return {condition["column"] for condition in self.set_aside}


def rules_for(rules: Mapping[str, Any], kind: str) -> Rules:
    """The rules of a profile for a kind of rows."""
    own = dict(rules.get(kind, {}))
    own["set_aside"] = tuple(own.get("set_aside", ()))
    return Rules(**own)


def check(rules: Any) -> list[str]:
    """What is wrong with a profile's rules, a sentence each; empty where nothing is."""
    from customers.ingest.kinds import KINDS

    if not isinstance(rules, dict):
        return [_("The rules are an object with an entry for each kind of rows.")]
    problems = []
    for kind, own in rules.items():
        if kind not in KINDS:
            problems.append(_("%(kind)s is no kind of rows.") % {"kind": kind})
        elif not isinstance(own, dict):
            problems.append(_("%(kind)s is not an object.") % {"kind": kind})
        else:
            found = [*_problems(own, tuple(KINDS[kind].by_name)), *_deal_problems(own, KINDS[kind])]
            problems += [f"{kind}: {problem}" for problem in found]
    return problems


def _problems(own: dict[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for part in own.keys() - set(PARTS):
        yield _("%(part)s is no part of the rules.") % {"part": part}
    for part in ("columns", "constants", "values", "group"):
        if not isinstance(own.get(part, {}), dict):
            yield _("%(part)s is not an object.") % {"part": part}
            return
    for part in ("columns", "constants", "values"):
        for column in own.get(part, {}).keys() - set(known):
            yield _("%(part)s names %(column)s, which is no column.") % {"part": part, "column": column}
    yield from _column_problems(own.get("columns", {}))
    yield from _value_problems(own)
    yield from _condition_problems(own.get("set_aside", []))
    yield from _group_problems(own.get("group", {}), known)


def _deal_problems(own: dict[str, Any], kind: "Kind") -> Iterator[str]:
    columns = own.get("columns", {})
    named = [c for c, rule in columns.items() if isinstance(rule, dict) and "deal" in rule] if columns else []
    for column in named:
        if column in kind.by_name and not kind.by_name[column].by_deal:
            yield _("%(column)s cannot be found by a deal.") % {"column": column}
    if named and own.get("group"):
        yield _("deal and group do not go together.")


def _column_problems(columns: dict[str, Any]) -> Iterator[str]:
    for column, rule in columns.items():
        if not _is_source(rule):
            yield _(
                "%(column)s is none of: a column's name, multiply or join with a list of them, deal with one, "
                "divide with one and by with a number above 0."
            ) % {"column": column}


def _is_source(rule: Any) -> bool:
    if not isinstance(rule, dict):
        return isinstance(rule, str) and bool(rule)
    single = rule.get("deal") or rule.get("divide")
    if single:
        return isinstance(single, str) and ("divide" not in rule or _is_divisor(rule.get("by")))
    parts = rule.get("multiply") or rule.get("join")
    return isinstance(parts, list) and bool(parts) and all(isinstance(part, str) for part in parts)


def _is_divisor(by: Any) -> bool:
    return isinstance(by, int | float) and not isinstance(by, bool) and by > 0


def _value_problems(own: dict[str, Any]) -> Iterator[str]:
    for column, text in own.get("constants", {}).items():
        if not isinstance(text, str):
            yield _("The constant %(column)s is not a text.") % {"column": column}
    for column, table in own.get("values", {}).items():
        if not (isinstance(table, dict) and all(isinstance(text, str) for text in table.values())):
            yield _("The values of %(column)s are not pairs of texts.") % {"column": column}


def _condition_problems(conditions: Any) -> Iterator[str]:
    if not isinstance(conditions, list):
        yield _("set_aside is not a list.")
        return
    for condition in conditions:
        if not (isinstance(condition, dict) and condition.get("column") and condition.get("reason")):
            yield _("Each condition of set_aside needs a column and a reason.")
        elif sum(name in condition for name in CONDITIONS) != 1:
            yield _("The condition on %(column)s needs exactly one of %(conditions)s.") % {
                "column": condition["column"],
                "conditions": ", ".join(CONDITIONS),
            }
        elif "matches" in condition and not _is_pattern(condition["matches"]):
            yield _("%(pattern)s is not a regular expression.") % {"pattern": condition["matches"]}
        elif "at_most" in condition and not isinstance(condition["at_most"], int | float):
            yield _("at_most needs a number.")


def _group_problems(group: dict[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    if not group:
        return
    if group.get("by") not in known:
        yield _("group needs in by one of %(columns)s.") % {"columns": ", ".join(known)}
    take = group.get("take", {})
    if not isinstance(take, dict) or set(take) - set(known) or set(take.values()) - set(TAKES):
        yield _("take of group names a column and one of %(takes)s for each.") % {"takes": ", ".join(TAKES)}


def _is_pattern(pattern: Any) -> bool:
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        return False
    return True
