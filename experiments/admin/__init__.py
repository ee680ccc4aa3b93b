"""The pages of experiments; importing it adds the panel of a customer's page."""

from experiments.admin import course, experiments

__all__ = ["course", "experiments"]
