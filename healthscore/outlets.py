"""The ways out of this app that name customers."""

from customers.outlets import Kind, Outlet

OUTLETS = (
    Outlet("url admin:healthscore_healthscore_changelist", Kind.MARKED, "the health of every customer"),
    Outlet("url admin:healthscore_healthscore_change", Kind.MARKED, "a customer's health"),
    Outlet(
        "url admin:healthscore_healthscore_export",
        Kind.TREATMENT,
        "the health of every customer as CSV, to call by",
        recorded_as="healthscore.healthscore.csv",
    ),
    Outlet(
        "url admin:healthscore_healthscore_export_xlsx",
        Kind.TREATMENT,
        "the health of every customer as Excel, to call by",
        recorded_as="healthscore.healthscore.xlsx",
    ),
    Outlet("url admin:healthscore_notscored_changelist", Kind.MARKED, "customers without a score, with the reason"),
    Outlet("url admin:healthscore_notscored_change", Kind.MARKED, "a customer without a score"),
    Outlet("url admin:healthscore_healthalert_changelist", Kind.MARKED, "what calls for a look at a customer"),
    Outlet("url admin:healthscore_healthalert_change", Kind.MARKED, "an alert of a customer"),
    Outlet("url admin:healthscore_override_changelist", Kind.RECORD, "grades that staff set"),
    Outlet("url admin:healthscore_override_change", Kind.RECORD, "a grade that staff set"),
    Outlet("url admin:healthscore_configurationversion_preview", Kind.RECORD, "whose grade a version would move"),
    Outlet("url admin:healthscore_configurationversion_previewed", Kind.RECORD, "whose grade numbers would move"),
    Outlet("task healthscore.try_configuration", Kind.RECORD, "whose grade numbers would move, by key"),
    Outlet("task healthscore.measure_truth", Kind.RECORD, "customers in good health who left, by key"),
    Outlet("task healthscore.keep_portfolio", Kind.SILENT, "numbers of customers"),
    Outlet("url admin:healthscore_healthscore_truth", Kind.RECORD, "customers in good health who left"),
    Outlet("url api:health_scores", Kind.MARKED, "the health of every customer, with what to do next"),
    Outlet("url api:customer_health", Kind.RECORD, "the scores of a customer, day by day"),
    Outlet("url api:health_not_scored", Kind.RECORD, "customers without a score, with the reason"),
    Outlet("event health.alert", Kind.MARKED, "an alert of a customer that has opened"),
    Outlet("action healthscore.healthalert acknowledge", Kind.SILENT, "numbers of alerts"),
    Outlet("action healthscore.healthalert close", Kind.SILENT, "numbers of alerts"),
    Outlet(
        "command compute_health",
        Kind.RECORD,
        "with --out, every customer's health with what to do next, for analysts and other programs",
    ),
)
