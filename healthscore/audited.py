"""Which tables of the health score are audited, and which are not, and why."""

from customers.audit.tables import Audited, Unaudited

AUDITED = (
    Audited("healthscore.ConfigurationVersion"),
    Audited("healthscore.Override"),
    # The daily job holds every open one again each day; what people do is acknowledge.
    Audited("healthscore.HealthAlert", adds="counted", quiet=("held_on", "value", "threshold", "detail", "severity")),
    Unaudited("healthscore.HealthDay", "computed by the jobs"),
    Unaudited("healthscore.HealthPart", "computed by the jobs"),
    Unaudited("healthscore.HealthScore", "computed by the jobs"),
    Unaudited("healthscore.NotScored", "computed by the jobs"),
)
