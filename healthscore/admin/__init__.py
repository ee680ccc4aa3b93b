"""The pages of the health score; importing it adds the card of a customer's page."""

from healthscore.admin import alerts, card, configurations, overrides, scores

__all__ = ["alerts", "card", "configurations", "overrides", "scores"]
