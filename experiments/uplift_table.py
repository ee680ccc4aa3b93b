"""A randomised table from elsewhere as trials to learn from: one customer a line, its features in columns.

Which columns are features has to be said: one that was measured after the assignment would tell the model what it is to
foresee, and no look at the table shows which those are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from django.utils.translation import gettext as _

from customers.commands import Refused
from experiments.csv_table import text_columns
from experiments.randomised_table import numbers, outcomes
from experiments.uplift.trial import Trial, folds_of
from predictions.modelling.encoding import Encoding

__all__ = ["Columns", "UpliftTable", "read"]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Names in the file's header; `customer` names the column whose hash makes the folds, the row's number if None."""

    group: str
    outcome: str
    features: Sequence[str]
    metric: str | None = None
    customer: str | None = None

    def names(self) -> list[str]:
        others = (self.group, self.outcome, self.metric, self.customer)
        return [*(name for name in others if name is not None), *self.features]


@dataclass(frozen=True)
class UpliftTable:
    """The trials by the column of their outcome, and how their features became numbers."""

    encoding: Encoding
    trials: dict[str, Trial]


def read(*, path: Path, columns: Columns, control: str, arm: str, is_outcome_good: bool = False) -> UpliftTable:
    """The lines of the two groups; raises Refused with one sentence.

    A line with a blank outcome, or amount, is left out of that question. A feature of numbers and blanks alone is a
    number, any other a label. The propensity is the arm's part of the lines of both groups.
    """
    text = text_columns(path=path, names=columns.names())
    _check_groups(text[columns.group], columns.group, (control, arm))
    answers = _answers(text, columns, is_outcome_good=is_outcome_good)
    features = [_feature(text[name]) for name in columns.features]
    chosen = text[columns.group].is_in([control, arm])
    frame = pl.DataFrame(features).filter(chosen)
    labels = [column.name for column in features if column.dtype == pl.String]
    encoding = Encoding.fit(frame, names=columns.features, labels=labels)
    who = (text.with_row_index()["index"] if columns.customer is None else text[columns.customer]).cast(pl.String)
    rows = pl.DataFrame({"treated": text[columns.group] == arm, "who": who}).filter(chosen)
    trials = {name: _trial(rows, frame, encoding, answer.filter(chosen)) for name, answer in answers.items()}
    return UpliftTable(encoding, trials)


def _answers(text: pl.DataFrame, columns: Columns, *, is_outcome_good: bool) -> dict[str, pl.Series]:
    """By column, with more for better."""
    event = outcomes(text[columns.outcome], columns.outcome)
    answers = {columns.outcome: event if is_outcome_good else 1 - event}
    if columns.metric:
        answers[columns.metric] = numbers(text[columns.metric], columns.metric)
    return answers


def _check_groups(groups: pl.Series, column: str, wanted: Sequence[str]) -> None:
    if wanted[0] == wanted[1]:
        raise Refused(_("The arm and the control are the same group “%(name)s”.") % {"name": wanted[0]})
    for name in wanted:
        if not (groups == name).any():
            raise Refused(
                _("No line has the label “%(name)s” in the column “%(column)s”.") % {"name": name, "column": column}
            )


def _feature(cells: pl.Series) -> pl.Series:
    """Numbers where every cell is one or blank, else labels as they are written; blanks are missing."""
    bare = cells.str.strip_chars()
    known = pl.select(pl.when(bare != "").then(cells)).to_series().alias(cells.name)
    try:
        return numbers(cells, cells.name)
    except Refused:
        return known


def _trial(rows: pl.DataFrame, frame: pl.DataFrame, encoding: Encoding, answer: pl.Series) -> Trial:
    known = answer.is_not_null()
    treated = rows["treated"].filter(known).to_numpy()
    return Trial(
        matrix=encoding.matrix(frame.filter(known)),
        outcome=answer.filter(known).cast(pl.Float64).to_numpy(),
        treated=treated,
        folds=folds_of(rows["who"].filter(known).to_list()),
        propensity=float(np.mean(treated)),
    )
