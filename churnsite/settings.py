"""Settings, read from the environment and from `.env` (or the file that ENV_FILE names); `.env.example` lists them."""

import datetime as dt
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from dotenv import load_dotenv

from churnsite import env
from churnsite.csp import DIRECTIVES

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(env.text("ENV_FILE") or BASE_DIR / ".env")

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "The setting SECRET_KEY is missing; set it to a long random text, or DEBUG=1 to try things out."
        )
    SECRET_KEY = "insecure-key-for-trying-things-out-with-debug-on"  # noqa: S105 - refused unless DEBUG
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")

# `demo` pins "today" beside the SQLite database that it fills with old data; what is set elsewhere goes before it.
if not env.text("DATABASE_URL"):
    load_dotenv(DATA_DIR / "demo.env")

# The business
TIME_ZONE = env.timezone("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "zh-hans", ("zh-hans", "en"))
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
BUSINESS_DATE = env.date("BUSINESS_DATE")
HORIZON_DAYS = env.integer("HORIZON_DAYS", 7, least=1, most=180)
RETENTION_DAYS = env.integer("RETENTION_DAYS", 180, least=180, most=3650)
PREDICTION_RETENTION_DAYS = env.integer("PREDICTION_RETENTION_DAYS", 365, least=30, most=3650)
HEALTH_RETENTION_DAYS = env.integer("HEALTH_RETENTION_DAYS", 730, least=180, most=3650)
EXPORT_LIMIT = env.integer("EXPORT_LIMIT", 10_000, least=1, most=1_000_000)
RISK_LEVEL_BOUNDS = env.numbers("RISK_LEVEL_BOUNDS", (0.30, 0.50, 0.70), rising_within=(0, 1))
MONETARY_THRESHOLDS = env.numbers("MONETARY_THRESHOLDS", (100, 1000, 5000, 10000), rising_within=(0, 10**12))

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "churnsite.apps.AdminConfig",
    "churnsite.apps.SiteConfig",
    "django_celery_beat",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "customers",
    "predictions",
    "healthscore",
    "experiments",
]

MIDDLEWARE = [
    "churnsite.metrics.counted",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "churnsite.csp.PolicyMiddleware",
    "churnsite.csp.permissions_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "churnsite.sessions.sliding",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "churnsite.sessions.settled",
    "customers.audit.middleware.middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

# What answers below /api/ in churnsite.wsgi: callers show who they are in each call, and nothing is a page.
API_MIDDLEWARE = [
    "churnsite.metrics.counted",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "churnsite.urls"
WSGI_APPLICATION = "churnsite.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]


def _database() -> dict[str, Any]:
    try:
        parsed = dj_database_url.parse(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'shanjiaxia.sqlite3'}"))
    except (ValueError, dj_database_url.ParseError):
        parsed = {}
    engine = parsed.get("ENGINE", "")
    if engine.endswith("sqlite3"):
        # Write-ahead logging lets readers go on while a job writes; IMMEDIATE takes the write lock at the start
        # of a transaction, where waiting for it works.
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
        options = {"init_command": pragmas, "transaction_mode": "IMMEDIATE", "timeout": 60}
        return {**parsed, "CONN_MAX_AGE": None, "OPTIONS": options}
    if engine.endswith("postgresql"):
        # What customers.statements runs is planned once a connection.
        options = {"prepare_threshold": 2, **parsed.get("OPTIONS", {})}
        return {**parsed, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
    raise ImproperlyConfigured(
        "The setting DATABASE_URL must begin with postgres:// or sqlite:///, as in postgres://user@127.0.0.1:5432/name."
    )


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache and queue: in process without REDIS_URL, in Redis with it.
REDIS_URL = env.text("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("The setting REDIS_URL must begin with redis://, rediss:// or unix://.")
_REDIS_TIMEOUTS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "shanjiaxia",
            "OPTIONS": {
                "IGNORE_EXCEPTIONS": True,
                "SOCKET_CONNECT_TIMEOUT": 0.5,
                "SOCKET_TIMEOUT": 0.5,
            },
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_RESULT_BACKEND = REDIS_URL or "cache+memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "shanjiaxia"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 6 * 3600,
    "global_keyprefix": "shanjiaxia:",
    "socket_timeout": 30,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"global_keyprefix": "shanjiaxia:"}
CELERY_RESULT_EXPIRES = 24 * 3600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# The API
API_REQUESTS_PER_MINUTE = env.integer("API_REQUESTS_PER_MINUTE", 6000, least=1, most=10**9)
API_LOGINS_PER_MINUTE = env.integer("API_LOGINS_PER_MINUTE", 10, least=1, most=10**6)
# Webhooks go to public addresses over HTTPS only, unless receivers stand in the own network.
WEBHOOK_PRIVATE_ADDRESSES = env.flag("WEBHOOK_PRIVATE_ADDRESSES", DEBUG)
METRICS_TOKEN = env.text("METRICS_TOKEN")
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "customers.rest.keys.ApiKeyAuthentication",
        "rest_framework_simplejwt.authentication.JWTAuthentication",
    ],
    # What declares no rule of its own is closed.
    "DEFAULT_PERMISSION_CLASSES": ["customers.rest.rules.MayCall"],
    "DEFAULT_RENDERER_CLASSES": ["customers.rest.strict.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["customers.rest.strict.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["customers.rest.counting.ByCaller"],
    "DEFAULT_SCHEMA_CLASS": "customers.rest.schema.Described",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "customers.rest.problems.handler",
    "COERCE_DECIMAL_TO_STRING": False,
    "URL_FORMAT_OVERRIDE": None,
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": dt.timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": dt.timedelta(days=1),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "AUTH_HEADER_TYPES": ("Bearer",),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Shanjiaxia",
    "DESCRIPTION": "Which customers are about to leave, why, what to do about it, and whether doing it worked.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Where fields of several names have the same choices.
    "ENUM_NAME_OVERRIDES": {
        "RiskLevelEnum": "predictions.models.RiskLevel",
        "GradeEnum": "healthscore.models.Grade",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "churnsite.api.roles.tell_roles",
    ],
}

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS: list[Path] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Logins: five failures of a name from an address lock both out for a while.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOCKOUT_MINUTES = env.integer("LOCKOUT_MINUTES", 30, least=1, most=1440)
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = dt.timedelta(minutes=LOCKOUT_MINUTES)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "churnsite.login.client_ip"
AXES_LOCKOUT_CALLABLE = "churnsite.login.locked"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
TWO_FACTOR_REQUIRED = env.flag("TWO_FACTOR_REQUIRED") if env.text("TWO_FACTOR_REQUIRED") else not DEBUG
OTP_TOTP_ISSUER = env.text("SITE_NAME", "Shanjiaxia")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": DIRECTIVES}
SESSION_COOKIE_AGE = 3600 * env.integer("SESSION_HOURS", 8, least=1, most=24 * 14)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEBUG and env.flag("HTTPS_ONLY", True)
BEHIND_PROXY = env.flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 3600, least=1, most=63_072_000) if SECURE_SSL_REDIRECT else 0
# Whether other hosts below this one, or browsers' built-in lists, take part, the owner of the domain decides.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "churnsite.logs.Line", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.choice("LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
    # Statements are full of values.
    "loggers": {"django.db.backends": {"level": "INFO"}},
}
# Celery would give its workers a log form of its own.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

UNFOLD = {
    "SITE_TITLE": _("Shanjiaxia"),
    "SITE_HEADER": _("Shanjiaxia"),
    "SITE_SUBHEADER": _("Who is about to leave, why, and what helps"),
    "SITE_SYMBOL": "landscape",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("churnsite/icon.svg")},
    ],
    "SHOW_LANGUAGES": True,
    "ACCOUNT": {
        "navigation": [{"title": _("Second factor"), "link": reverse_lazy("admin:second_factor_enrol")}],
    },
    "STYLES": [lambda request: static("churnsite/colours.css"), lambda request: static("churnsite/admin.css")],
    "SCRIPTS": [lambda request: static("churnsite/htmx.js"), lambda request: static("churnsite/named.js")],
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "churnsite.navigation.sidebar"},
    "COLORS": {
        "primary": {
            "50": "#f0f7f4",
            "100": "#dcebe4",
            "200": "#bbd8cb",
            "300": "#8fbdab",
            "400": "#629c87",
            "500": "#43806c",
            "600": "#326656",
            "700": "#295246",
            "800": "#23423a",
            "900": "#1e3731",
            "950": "#0f1f1b",
        }
    },
}
