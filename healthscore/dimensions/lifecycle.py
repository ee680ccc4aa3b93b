"""Lifecycle: how much of the contract is left, and how long it has lasted."""

import polars as pl

from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.rows import Rows, months, over


def facts(rows: Rows, _numbers: Numbers) -> pl.DataFrame:
    """contract_months, and months_since of the contract's date; null where blank or not begun."""
    return rows.customers.select(
        "customer_pk", "contract_months", months_since=months(pl.col("contract_on"), rows.as_of)
    )


def _left(numbers: Numbers) -> pl.Expr:
    months_left = (pl.col("contract_months") - pl.col("months_since")).clip(lower_bound=0)
    left = over(months_left, numbers["months_left_target"])
    has_none = (pl.col("contract_months") == 0) & pl.col("months_since").is_not_null()
    return pl.when(has_none).then(0.0).otherwise(left.clip(0, 1))


def _maturity(numbers: Numbers) -> pl.Expr:
    return over(pl.col("months_since"), numbers["maturity_months_target"]).clip(0, 1)


DIMENSION = Dimension(
    name="lifecycle",
    title=_("Lifecycle"),
    playbook=_("Begin the talk about the next contract now, before the present one runs out."),
    source="customers",
    parts=(
        Part("contract_left", _("contract left"), _("Months left of the contract, of 6."), _left),
        Part("maturity", _("maturity"), _("Months since the contract began, of 24."), _maturity),
    ),
    facts=facts,
)
