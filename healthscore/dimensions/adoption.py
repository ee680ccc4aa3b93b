"""Adoption: which of the product's features are used."""

import polars as pl

from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.rows import Rows, over

TIERS = ("core", "advanced", "integration")


def facts(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """n_core, n_advanced, n_integration: features of each tier used in the window, for customers with activity ever."""
    named = sorted({feature for tier in TIERS for feature in numbers["tiers"][tier]})
    recent = rows.activity.filter(rows.last("day", numbers["days"]), pl.col("feature").is_in(named))
    used = recent.select("customer_pk", "feature").unique()
    counted = used.group_by("customer_pk").agg(
        pl.col("feature").is_in(list(numbers["tiers"][tier])).sum().alias(f"n_{tier}") for tier in TIERS
    )
    seen = rows.seen.select("customer_pk").join(counted, on="customer_pk", how="left")
    return seen.with_columns(pl.col(*(f"n_{tier}" for tier in TIERS)).fill_null(0))


def _share(tier: str, numbers: Numbers) -> pl.Expr:
    n_features = len(set(numbers["tiers"][tier]))
    return over(pl.col(f"n_{tier}"), n_features) if n_features else pl.lit(None, dtype=pl.Float64)


DIMENSION = Dimension(
    name="adoption",
    title=_("Adoption"),
    playbook=_("Show the features that suit this customer's work and are not used yet."),
    source="activity",
    parts=(
        Part("core", _("core"), _("Share of the core features used in the last 30 days."), lambda n: _share("core", n)),
        Part(
            "advanced",
            _("advanced"),
            _("Share of the advanced features used in the last 30 days."),
            lambda n: _share("advanced", n),
        ),
        Part(
            "integration",
            _("integration"),
            _("Share of the integrations used in the last 30 days."),
            lambda n: _share("integration", n),
        ),
    ),
    facts=facts,
)
