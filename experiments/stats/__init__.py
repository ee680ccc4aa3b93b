"""The statistics of experiments: pure functions over frozen sums that add up; no Django, no clock, no chance.

A table of arms, control first, goes through `analyse` and comes out as an `Analysis`; its `to_document` is the JSON of
`analyse_csv`. Formulas and sources: docs/experiment-statistics.md.
"""

from experiments.stats.analysis import Analysis, ArmRate, analyse
from experiments.stats.comparison import Comparison
from experiments.stats.findings import Code, Finding
from experiments.stats.options import Arm, Options, Words
from experiments.stats.reasons import Reason
from experiments.stats.sums import Moments, Paired, Proportion
from experiments.stats.verdict import Verdict

__all__ = [
    "Analysis",
    "Arm",
    "ArmRate",
    "Code",
    "Comparison",
    "Finding",
    "Moments",
    "Options",
    "Paired",
    "Proportion",
    "Reason",
    "Verdict",
    "Words",
    "analyse",
]
