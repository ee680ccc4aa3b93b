"""The sidebar: groups in plain words; an entry is shown to those who may open it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

GROUPS: tuple[tuple[Any, tuple[tuple[Any, str, str, str], ...]], ...] = (
    (
        _("Today"),
        (
            (_("Home"), "home", "admin:index", ""),
            (_("At risk today"), "warning", "admin:predictions_risktoday_changelist", "predictions.view_prediction"),
            (_("Runs"), "schedule", "admin:customers_run_changelist", "customers.view_run"),
        ),
    ),
    (
        _("Customers"),
        (
            (_("Customers"), "groups", "admin:customers_customer_changelist", "customers.view_customer"),
            (_("Transactions"), "receipt_long", "admin:customers_transaction_changelist", "customers.view_transaction"),
            (_("Interactions"), "forum", "admin:customers_interaction_changelist", "customers.view_interaction"),
            (_("Deals"), "handshake", "admin:customers_deal_changelist", "customers.view_deal"),
            (_("Tickets"), "support_agent", "admin:customers_ticket_changelist", "customers.view_ticket"),
            (_("Activity"), "browse_activity", "admin:customers_activity_changelist", "customers.view_activity"),
            (_("Links"), "hub", "admin:customers_link_changelist", "customers.view_link"),
            (
                _("Interventions"),
                "volunteer_activism",
                "admin:customers_intervention_changelist",
                "customers.view_intervention",
            ),
            (_("Held back"), "front_hand", "admin:customers_hold_changelist", "customers.view_hold"),
            (_("Kept off lists"), "block", "admin:customers_suppression_changelist", "customers.view_suppression"),
        ),
    ),
    (
        _("Health"),
        (
            (
                _("Portfolio"),
                "monitor_heart",
                "admin:healthscore_healthscore_portfolio",
                "healthscore.view_healthscore",
            ),
            (
                _("Health scores"),
                "vital_signs",
                "admin:healthscore_healthscore_changelist",
                "healthscore.view_healthscore",
            ),
            (
                _("Alerts"),
                "notifications",
                "admin:healthscore_healthalert_changelist",
                "healthscore.view_healthalert",
            ),
            (
                _("To be reviewed"),
                "compare_arrows",
                "admin:healthscore_healthscore_disagreements",
                "healthscore.view_healthscore",
            ),
            (_("Not scored"), "help", "admin:healthscore_notscored_changelist", "healthscore.view_notscored"),
            (_("Set grades"), "edit_note", "admin:healthscore_override_changelist", "healthscore.view_override"),
            (
                _("Does it tell the truth?"),
                "fact_check",
                "admin:healthscore_healthscore_truth",
                "healthscore.view_healthscore",
            ),
            (
                _("Configurations"),
                "tune",
                "admin:healthscore_configurationversion_changelist",
                "healthscore.view_configurationversion",
            ),
        ),
    ),
    (
        _("Data that comes in"),
        (
            (_("Imports"), "upload_file", "admin:customers_importfile_changelist", "customers.view_importfile"),
            (_("Rows set aside"), "rule", "admin:customers_setasiderow_changelist", "customers.view_setasiderow"),
            (
                _("Import profiles"),
                "swap_horiz",
                "admin:customers_importprofile_changelist",
                "customers.view_importprofile",
            ),
            (_("Archive"), "inventory_2", "admin:customers_archivefile_changelist", "customers.view_archivefile"),
            (_("Data dictionary"), "menu_book", "admin:data_dictionary", ""),
        ),
    ),
    (
        _("Predictions and models"),
        (
            (_("Predictions"), "query_stats", "admin:predictions_prediction_changelist", "predictions.view_prediction"),
            (
                _("Models"),
                "model_training",
                "admin:predictions_modelversion_changelist",
                "predictions.view_modelversion",
            ),
            (_("Promotions"), "military_tech", "admin:predictions_promotion_changelist", "predictions.view_promotion"),
            (
                _("Daily quality"),
                "monitoring",
                "admin:predictions_dailyquality_changelist",
                "predictions.view_dailyquality",
            ),
            (_("Drift"), "trending_up", "admin:predictions_drift_changelist", "predictions.view_drift"),
            (
                _("Feature snapshots"),
                "dataset",
                "admin:predictions_featuresnapshot_changelist",
                "predictions.view_featuresnapshot",
            ),
        ),
    ),
    (
        _("Experiments"),
        (
            (_("Experiments"), "experiment", "admin:experiments_experiment_changelist", "experiments.view_experiment"),
            (_("Analyses"), "insights", "admin:experiments_analysis_changelist", "experiments.view_analysis"),
            (_("Assignments"), "group_add", "admin:experiments_assignment_changelist", "experiments.view_assignment"),
            (_("Treatment lists"), "checklist", "admin:experiments_listing_changelist", "experiments.view_listing"),
            (_("Outcomes"), "fact_check", "admin:experiments_outcome_changelist", "experiments.view_outcome"),
            (_("Uplift"), "target", "admin:experiments_upliftstudy_changelist", "experiments.view_upliftstudy"),
            (
                _("Uplift lists"),
                "playlist_add_check",
                "admin:experiments_upliftlisting_changelist",
                "experiments.view_upliftlisting",
            ),
            (
                _("Changes of state"),
                "history",
                "admin:experiments_statechange_changelist",
                "experiments.view_statechange",
            ),
        ),
    ),
    (
        _("System"),
        (
            (
                _("Schedule"),
                "calendar_clock",
                "admin:django_celery_beat_periodictask_changelist",
                "django_celery_beat.view_periodictask",
            ),
            (
                _("Times of day"),
                "alarm",
                "admin:django_celery_beat_crontabschedule_changelist",
                "django_celery_beat.view_crontabschedule",
            ),
            (
                _("Intervals"),
                "timer",
                "admin:django_celery_beat_intervalschedule_changelist",
                "django_celery_beat.view_intervalschedule",
            ),
            (_("Jobs"), "hourglass_top", "admin:customers_job_changelist", ""),
            (_("API keys"), "key", "admin:customers_apikey_changelist", "customers.view_apikey"),
            (_("Webhooks"), "webhook", "admin:customers_webhook_changelist", "customers.view_webhook"),
            (_("Deliveries"), "outbox", "admin:customers_delivery_changelist", "customers.view_delivery"),
            (_("Audit log"), "policy", "admin:customers_auditentry_changelist", "customers.view_auditentry"),
            (
                _("Certificates of erasure"),
                "person_remove",
                "admin:customers_erasurecertificate_changelist",
                "customers.view_erasurecertificate",
            ),
            (_("Users"), "person", "admin:auth_user_changelist", "auth.view_user"),
            (_("Groups"), "group", "admin:auth_group_changelist", "auth.view_group"),
            (_("Failed logins"), "lock_person", "admin:axes_accessattempt_changelist", "axes.view_accessattempt"),
            (
                _("Second factors"),
                "phonelink_lock",
                "admin:otp_totp_totpdevice_changelist",
                "otp_totp.view_totpdevice",
            ),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups for Unfold, without what this user may not see."""
    groups = [
        {"title": title, "items": [_item(*entry) for entry in entries if not entry[3] or _may(request, entry[3])]}
        for title, entries in GROUPS
    ]
    return [group for group in groups if group["items"]]


def _item(title: Any, icon: str, view: str, _permission: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(view)}


def _may(request: HttpRequest, permission: str) -> bool:
    return bool(request.user.has_perm(permission))
