"""The report of an experiment, from a stored analysis."""

from experiments.admin.report.page import report

__all__ = ["report"]
