"""The figures of an experiment's report, a module for each part, from its facts; put together in `whole`."""

from experiments.figures.whole import whole

__all__ = ["whole"]
