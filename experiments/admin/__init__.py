"""The pages of experiments; importing it adds the panel of a customer's page."""

from experiments.admin import course, customer_panel, experiments, sources, uplift

__all__ = ["course", "customer_panel", "experiments", "sources", "uplift"]
