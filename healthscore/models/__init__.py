"""What is stored of the health score."""

from healthscore.models.alerts import HealthAlert
from healthscore.models.configuration import ConfigurationVersion
from healthscore.models.overrides import Override
from healthscore.models.parts import HealthPart
from healthscore.models.scores import Grade, HealthDay, HealthScore, NotScored

__all__ = [
    "ConfigurationVersion",
    "Grade",
    "HealthAlert",
    "HealthDay",
    "HealthPart",
    "HealthScore",
    "NotScored",
    "Override",
]
