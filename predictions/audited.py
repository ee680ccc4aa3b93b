"""Which tables of predictions are audited, and which are not, and why."""

from customers.audit.tables import Audited, Unaudited

AUDITED = (
    Audited("predictions.ModelVersion"),
    Audited("predictions.Promotion"),
    Unaudited("predictions.FeatureSnapshot", "computed by the jobs"),
    Unaudited("predictions.Prediction", "computed by the jobs"),
    Unaudited("predictions.DailyQuality", "measured by the jobs"),
    Unaudited("predictions.Drift", "measured by the jobs"),
    Unaudited("predictions.DailyFigures", "computed by the jobs"),
    Unaudited("predictions.PeerGroup", "computed by the jobs"),
)
