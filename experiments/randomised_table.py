"""A randomised table from elsewhere, one customer a line, as the arms of an analysis.

Labels of the group are compared as they are written, spaces and all. Outcomes, amounts and covariates are read without
the spaces around them, and one of nothing else is blank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from customers.commands import Refused
from experiments.csv_table import text_columns
from experiments.stats import Arm, Moments, Paired, Proportion

__all__ = ["Columns", "numbers", "outcomes", "read_arms"]

# No commas, no underscores, no inf, no nan: what every program reads as the same number.
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
# Within these, squares and their sums neither overflow nor vanish.
_SMALLEST, _LARGEST = 1e-100, 1e100
MOST_ARMS = 1000
LONGEST_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Names in the file's header."""

    group: str
    outcome: str
    metric: str | None = None
    covariate: str | None = None

    def roles(self) -> dict[str, str]:
        """Column by what it is used as; a column may be used twice."""
        named = {"group": self.group, "outcome": self.outcome, "metric": self.metric, "covariate": self.covariate}
        return {role: name for role, name in named.items() if name is not None}


def read_arms(*, path: Path, columns: Columns, control: str, shares: Sequence[float] | None = None) -> list[Arm]:
    """Control first, then the other labels in code point order; raises Refused with one sentence.

    `shares` are in that order; equal if not given.
    """
    parts = _parts(_typed(path, columns.roles()))
    if control not in parts:
        raise Refused(
            _("No line has the control's label “%(control)s” in the column “%(column)s”.")
            % {"control": control, "column": columns.group}
        )
    labels = [control, *sorted(label for label in parts if label != control)]
    if len(labels) < 2:
        raise Refused(_("There is no arm beside the control “%(control)s”.") % {"control": control})
    shares = [1.0] * len(labels) if shares is None else shares
    if len(shares) != len(labels):
        raise Refused(
            _("%(given)s shares are given for %(n)s arms: %(arms)s.")
            % {"given": len(shares), "n": len(labels), "arms": ", ".join(labels)}
        )
    return [_arm(label, share, parts[label]) for label, share in zip(labels, shares, strict=True)]


def _typed(path: Path, roles: dict[str, str]) -> pl.DataFrame:
    text = text_columns(path=path, names=list(roles.values()))
    text = text.select(pl.col(name).alias(role) for role, name in roles.items())
    _check_labels(text["group"], roles["group"])
    amounts = [numbers(text[role], roles[role]) for role in ("metric", "covariate") if role in roles]
    return pl.DataFrame([text["group"], outcomes(text["outcome"], roles["outcome"]), *amounts])


def _check_labels(labels: pl.Series, column: str) -> None:
    _refuse_where(
        labels.str.strip_chars() == "",
        labels,
        _("The group in the column “%(column)s” is blank in row %(row)s."),
        column,
    )
    if labels.n_unique() > MOST_ARMS:
        raise Refused(
            _("The column “%(column)s” has %(n)s labels: is it the column of the arms?")
            % {"column": column, "n": labels.n_unique()}
        )


def outcomes(cells: pl.Series, column: str) -> pl.Series:
    """Cells as 0, 1 or null; raises Refused for anything else."""
    bare = cells.str.strip_chars()
    _refuse_where(
        ~bare.is_in(["0", "1", ""]),
        cells,
        _("The outcome “%(cell)s” in row %(row)s of the column “%(column)s” is neither 0, 1 nor blank."),
        column,
    )
    return bare.cast(pl.Int8, strict=False)


def numbers(cells: pl.Series, column: str) -> pl.Series:
    """Cells as numbers or null; raises Refused for anything else."""
    bare = cells.str.strip_chars()
    found = bare.cast(pl.Float64, strict=False)
    is_number = bare.str.contains(_NUMBER) & found.is_not_null()
    _refuse_where(
        ~(is_number | (bare == "")),
        cells,
        _("“%(cell)s” in row %(row)s of the column “%(column)s” is neither a number nor blank."),
        column,
    )
    size = found.abs()
    _refuse_where(
        ((size > _LARGEST) | ((size > 0) & (size < _SMALLEST))).fill_null(value=False),
        cells,
        _("“%(cell)s” in row %(row)s of the column “%(column)s” is too large or too small to reckon with."),
        column,
    )
    return found


def _refuse_where(is_wrong: pl.Series, cells: pl.Series, sentence: str, column: str) -> None:
    """Refuse with the first wrong cell; rows are counted from 1 below the header."""
    if is_wrong.any():
        place = is_wrong.arg_max() or 0
        cell = cells[place]
        shown = cell if len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]}…"
        raise Refused(sentence % {"column": column, "row": place + 1, "cell": shown})


def _parts(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("group", as_dict=True, include_key=False)
    return {str(key[0]): part for key, part in parts.items()}


def _arm(label: str, share: float, part: pl.DataFrame) -> Arm:
    known = part.drop_nulls("outcome")
    return Arm(
        name=label,
        share=share,
        enrolled=len(part),
        outcome=Proportion(n=len(known), events=int(known["outcome"].sum())),
        metric=Moments.of(known["metric"].drop_nulls().to_numpy()) if "metric" in known else None,
        paired=_paired(known.drop_nulls(["metric", "covariate"])) if "covariate" in known else None,
    )


def _paired(both: pl.DataFrame) -> Paired:
    return Paired.of(x=both["covariate"].to_numpy(), y=both["metric"].to_numpy())
