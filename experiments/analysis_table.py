"""An analysis for people: tables and one verdict, in their language, on a terminal."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rich import box
from rich.console import Console
from rich.table import Table

from customers.joining import labelled
from experiments.stats.reasons import chinese

__all__ = ["tell"]

Document = dict[str, Any]
NONE = "–"
WIDTH = 160


def tell(document: Document, console: Console) -> None:
    """`document` is the JSON of the analysis."""
    arms, comparisons = document["arms"], document["comparisons"]
    tables = [_arms(arms), _outcomes(comparisons), _safe_looks(comparisons)]
    if comparisons[0]["metric"]:
        tables.append(_metrics(comparisons))
    # A file or a pipe has no width that a line would have to keep to.
    wide = console if console.is_terminal else Console(file=console.file, width=WIDTH, highlight=False)
    for table in tables:
        wide.print(table)
    for where, reason in _reasons(document):
        console.print(labelled(where, chinese(reason) if _is_chinese() else reason), markup=False)
    ratio = document["srm"]
    console.print(_("Sizes of the arms against their shares: p = %(p)s") % {"p": _p(ratio["p_value"])}, markup=False)
    console.print(document["verdict"]["zh" if _is_chinese() else "en"], markup=False)


def _arms(arms: list[Document]) -> Table:
    table = _table(_("Arm"), _("Known outcomes"), _("With a 1"), _("Rate"), _("Interval of 95 %"))
    for arm in arms:
        rate, interval = _percent(arm["rate"]), _span(arm["rate_ci"], _percent)
        table.add_row(_plain(arm["name"]), f"{arm['n']:,}", f"{arm['events']:,}", rate, interval)
    return table


def _outcomes(comparisons: list[Document]) -> Table:
    table = _table(
        _("Arm"),
        _("Better by"),
        _("Interval of 95 %"),
        _("Relative"),
        _("p"),
        _("p adjusted"),
        _("Test"),
        _("To treat for one"),
    )
    for found in comparisons:
        table.add_row(
            _plain(found["arm"]),
            _percent(found["difference"]),
            _span(found["difference_ci"], _percent),
            _percent(found["relative"]),
            _p(found["p_value"]),
            _p(found["p_adjusted"]),
            found["test"] or NONE,
            _number(found["number_needed_to_treat"]),
        )
    return table


def _safe_looks(comparisons: list[Document]) -> Table:
    table = _table(
        _("Arm"), _("p at any look"), _("Interval at any look"), _("Chance that it is better"), _("Expected loss")
    )
    for found in comparisons:
        sequential, bayes = found["sequential"], found["bayes"]
        table.add_row(
            _plain(found["arm"]),
            _p(sequential["p_value"]),
            _span(sequential["ci"], _percent),
            _percent(bayes["probability_better"]),
            _percent(bayes["expected_loss"]),
        )
    return table


def _metrics(comparisons: list[Document]) -> Table:
    table = _table(
        _("Arm"),
        _("Mean of control"),
        _("Mean of arm"),
        _("Amount"),
        _("More by"),
        _("Interval of 95 %"),
        _("p"),
        _("Variance saved"),
    )
    for found in comparisons:
        metric, cuped = found["metric"], found["metric"]["cuped"]
        means = _number(metric["mean_control"]), _number(metric["mean_arm"])
        table.add_row(_plain(found["arm"]), *means, _("as it is"), *_tested(metric), NONE)
        if cuped:
            table.add_row("", "", "", _("with CUPED"), *_tested(cuped), _percent(cuped["variance_saved"]))
    return table


def _tested(found: Document) -> tuple[str, str, str]:
    return _number(found["difference"]), _span(found["ci"], _number), _p(found["p_value"])


def _reasons(document: Document) -> Iterator[tuple[str, str]]:
    """Where a figure is missing, and why, each once."""
    told: dict[tuple[str, str], None] = {}
    for part in [*document["arms"], *document["comparisons"]]:
        for reason in _held(part):
            told[part.get("name") or part["arm"], reason] = None
    yield from told


def _held(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["reason"]] if "reason" in part else []
        for inner in part.values():
            yield from _held(inner)


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _plain(label: str) -> str:
    return label.replace("[", r"\[")


def _percent(rate: float | None) -> str:
    return NONE if rate is None else f"{100 * rate:.2f}%" if abs(rate) >= 0.001 or not rate else f"{100 * rate:.2g}%"


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}" if 0.01 <= abs(value) < 1e9 or not value else f"{value:.3g}"


def _p(value: float | None) -> str:
    return NONE if value is None else f"{value:.4f}" if value >= 0.0001 else f"{value:.1e}"


def _span(ends: list[float] | None, shown: Any) -> str:
    return NONE if ends is None else f"({shown(ends[0])}, {shown(ends[1])})"
