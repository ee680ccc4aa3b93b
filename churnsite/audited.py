"""Which tables of what this site borrows are audited, and which are not, and why."""

from customers.audit.tables import Audited, Unaudited

_TOKEN = "the sign of a session, which changes at each use; who logged in is noted"  # noqa: S105 - a reason
_ATTEMPTS = "is itself a record, of logins that failed"

AUDITED = (
    Audited("auth.User"),
    Audited("auth.Group"),
    Audited("auth.User_groups"),
    Audited("auth.User_user_permissions"),
    Audited("auth.Group_permissions"),
    Audited("django_celery_beat.PeriodicTask", quiet=("last_run_at", "total_run_count", "date_changed")),
    Audited("django_celery_beat.CrontabSchedule"),
    Audited("django_celery_beat.IntervalSchedule"),
    Audited("django_celery_beat.ClockedSchedule"),
    Audited("django_celery_beat.SolarSchedule"),
    Audited(
        "otp_totp.TOTPDevice",
        quiet=("throttling_failure_timestamp", "throttling_failure_count", "last_used_at", "last_t", "drift"),
        secret=("key",),
    ),
    Audited("otp_static.StaticDevice", quiet=("throttling_failure_timestamp", "throttling_failure_count")),
    Audited("otp_static.StaticToken"),
    Unaudited("auth.Permission", "made by migrations from the models"),
    Unaudited("contenttypes.ContentType", "made by migrations from the models"),
    Unaudited("sessions.Session", _TOKEN),
    Unaudited("token_blacklist.OutstandingToken", _TOKEN),
    Unaudited("token_blacklist.BlacklistedToken", _TOKEN),
    Unaudited("admin.LogEntry", "the admin's own history of what the log has as well"),
    Unaudited("django_celery_beat.PeriodicTasks", "tells the scheduler that the schedule changed"),
    Unaudited("axes.AccessAttempt", _ATTEMPTS),
    Unaudited("axes.AccessAttemptExpiration", _ATTEMPTS),
    Unaudited("axes.AccessFailureLog", _ATTEMPTS),
    Unaudited("axes.AccessLog", _ATTEMPTS),
)
