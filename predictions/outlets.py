"""The ways out of this app that name customers."""

from customers.outlets import Kind, Outlet

OUTLETS = (
    Outlet("url admin:predictions_risktoday_changelist", Kind.MARKED, "today's customers at risk"),
    Outlet("url admin:predictions_risktoday_change", Kind.MARKED, "a customer at risk today"),
    Outlet(
        "url admin:predictions_risktoday_export",
        Kind.TREATMENT,
        "today's customers at risk as CSV",
        recorded_as="predictions.risktoday.csv",
    ),
    Outlet("url admin:predictions_prediction_changelist", Kind.MARKED, "the predictions of every day"),
    Outlet("url admin:predictions_prediction_change", Kind.MARKED, "a prediction"),
    Outlet(
        "url admin:predictions_prediction_export",
        Kind.TREATMENT,
        "predictions as CSV",
        recorded_as="predictions.prediction.csv",
    ),
    Outlet("url admin:predictions_modelversion_report", Kind.SILENT, "how a model was trained and measured"),
    Outlet("command score", Kind.RECORD, "with --out, every customer's probability, for analysts and other programs"),
    Outlet("command compute_features", Kind.RECORD, "with --out, every customer's features"),
    Outlet("command train_model", Kind.SILENT, "measures of a model"),
    Outlet("task predictions.tasks.compute_features", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.compute_features_part", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.read_features_slice", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.join_features", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.finish_features", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.score", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.score_part", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.publish_scores", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.close_outcomes", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.measure_drift", Kind.SILENT, "nothing"),
    Outlet("task predictions.tasks.train", Kind.SILENT, "the version of a model"),
)
