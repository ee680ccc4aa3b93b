"""The tables of experiments: how each is configured, who is in it, and what came of it."""

from experiments.models.analyses import Analysis
from experiments.models.configuration import Arm, Condition, Experiment, StateChange
from experiments.models.course import Assignment, Listing, Outcome
from experiments.models.uplift import UpliftListing, UpliftStudy

__all__ = [
    "Analysis",
    "Arm",
    "Assignment",
    "Condition",
    "Experiment",
    "Listing",
    "Outcome",
    "StateChange",
    "UpliftListing",
    "UpliftStudy",
]
