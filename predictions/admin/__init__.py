"""The pages of predictions, models and how good they are; importing it adds the panels of a customer's page."""

from predictions.admin import customer_panels, feature_panel, models, quality, risk

__all__ = ["customer_panels", "feature_panel", "models", "quality", "risk"]
