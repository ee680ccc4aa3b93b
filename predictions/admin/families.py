"""The names of the families of features and of the lifecycle stages, for people."""

from django.utils.translation import gettext_lazy

__all__ = ["FAMILIES", "STAGES"]

FAMILIES = {
    "basic": gettext_lazy("Basic information"),
    "rfm": gettext_lazy("Recency, frequency, monetary value"),
    "transaction": gettext_lazy("Transaction behaviour"),
    "interaction": gettext_lazy("Interaction"),
    "trend": gettext_lazy("Trend"),
    "lifecycle": gettext_lazy("Lifecycle"),
    "social": gettext_lazy("Social network"),
    "risk": gettext_lazy("Risk signals"),
}
STAGES = {
    "new": gettext_lazy("new"),
    "active": gettext_lazy("active"),
    "at_risk": gettext_lazy("at risk"),
    "reactivated": gettext_lazy("reactivated"),
    "lapsed": gettext_lazy("lapsed"),
}
