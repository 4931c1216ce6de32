"""Settings of the trial's data system; everything that differs between machines comes from the environment.

README.md ("Configuration") lists every variable read here.
"""

from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The address people reach the system at; links in reminder mails start with it.
SITE_ADDRESS = env.str("SITE_ADDRESS", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "accounts",
    "records",
    "participants",
    "eligibility",
    "arms",
    "followup",
    "diary",
    "safety",
    "monitoring",
    "casebook",
    "audit",
    "dashboards",
    "exports",
    "imports",
    "trial_edc",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "records.middleware.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "records.middleware.TrialMiddleware",
    "accounts.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "trial_edc.urls"
WSGI_APPLICATION = "trial_edc.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "trial_edc.frame.frame",
            ],
        },
    }
]

# The application's login: no superuser, owns nothing. `migrate` alone uses the migrator's.
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = 300
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_APP_ROLE = DATABASES["default"]["USER"]
DATABASE_MIGRATE_URL = env.str("DATABASE_MIGRATE_URL", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The audit trail is sealed under a key that stands nowhere in the database (records/sealing.py); the seals stand in
# a file outside of it as well. Keys used before are kept for verifying.
TRAIL_SEAL_KEY = env.str("TRAIL_SEAL_KEY", default="")
TRAIL_SEAL_OLD_KEYS = env.list("TRAIL_SEAL_OLD_KEYS", default=[])
TRAIL_SEAL_FILE = env.path("TRAIL_SEAL_FILE", default=str(BASE_DIR / ".demo" / "seals" / "trail.jsonl"))
TRAIL_SEAL_PATIENCE = 5.0  # seconds a run waits for transactions under way
TRAIL_SEAL_LATE = 15 * 60  # seconds after which an unsealed entry is reported
CLOCK_DRIFT_SECONDS = env.float("CLOCK_DRIFT_SECONDS", default=5.0)

# Where rooms are told what happens in earlier ones; see records/events.py.
EVENT_TABLE = "trial_edc.wiring"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.NotUsedBefore", "OPTIONS": {"last": 5}},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "casebook:home"
LOGOUT_REDIRECT_URL = "login"
# A session ends after this long without activity (static/js/session.js warns), and at the latest after the other.
SESSION_ENGINE = "accounts.sessions"
IDLE_SECONDS = env.int("IDLE_SECONDS", default=30 * 60)
# The server waits a little longer than the page: it is told of activity at most once a minute.
SESSION_COOKIE_AGE = IDLE_SECONDS + 120
SESSION_LONGEST = env.int("SESSION_SECONDS", default=12 * 60 * 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
# So many failures within so many minutes lock an account, or an address many people share, for as many minutes.
SIGN_IN_FAILURES = env.int("SIGN_IN_FAILURES", default=5)
SIGN_IN_FAILURES_OF_AN_ADDRESS = env.int("SIGN_IN_FAILURES_OF_AN_ADDRESS", default=50)
SIGN_IN_LOCK_MINUTES = env.int("SIGN_IN_LOCK_MINUTES", default=30)
# With this nobody gets further than to the page where an authenticator app or a passkey is added.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)
# The roles of a site are looked through again after so many days.
ACCESS_REVIEW_DAYS = env.int("ACCESS_REVIEW_DAYS", default=180)

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "trial_edc" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # shown; PostgreSQL stores UTC
FORMAT_MODULE_PATH = ["trial_edc.formats"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Export files: outside STATIC_ROOT and never served but through a page that checks rights.
# Files added to forms; kept as long as the database, and backed up with it.
FILES_ROOT = env.path("FILES_ROOT", default=str(BASE_DIR / ".demo" / "files"))
# Out of it come the codes and the shifts of days of de-identified exports: who has it can undo them, and another one
# gives every participant another code.
DEIDENTIFICATION_KEY = env.str("DEIDENTIFICATION_KEY", default="") or SECRET_KEY
# Files brought in from other systems stand there too; one of which nothing was stored goes after so many days.
IMPORT_FILE_DAYS = env.int("IMPORT_FILE_DAYS", default=90)
EXPORT_ROOT = env.path("EXPORT_ROOT", default=str(BASE_DIR / ".demo" / "exports"))

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Nothing inline, nothing from elsewhere. data: images are Bootstrap's own form glyphs.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
# The largest form has some two thousand fields with its rows; a file is taken up to the size records/files.py says.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# A proxy ends TLS and says from which address and over which protocol it was asked.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# INSECURE_HTTP=1 is for a demo or a test on loopback, where there is no TLS.
INSECURE_HTTP = env.bool("INSECURE_HTTP", default=False)
if not INSECURE_HTTP:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Mail leaves over SMTP; followup/channels/mail.py speaks it step by step, so that no reminder is sent twice.
EMAIL_CONFIG = env.email("EMAIL_URL", default="smtp://127.0.0.1:25")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="trial-edc@localhost")
EMAIL_TIMEOUT = 20

# Where text messages and WeChat messages are handed over (docs/reminder-gateways.md); without an address: not at all.
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_SECRET = env.str("SMS_GATEWAY_SECRET", default="")
WECHAT_GATEWAY_URL = env.str("WECHAT_GATEWAY_URL", default="")
WECHAT_GATEWAY_SECRET = env.str("WECHAT_GATEWAY_SECRET", default="")

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL")
# One broker can serve several systems; each has a queue of its own.
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="trial")
# A report is reminded of by the minute: its tasks (0) are taken before all else that waits at the broker.
CELERY_TASK_DEFAULT_PRIORITY = 6
CELERY_TASK_ROUTES = {"followup.tasks.*": {"priority": 0}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "find-reminders": {
        "task": "followup.tasks.find_reminders",
        "schedule": env.float("BEAT_SECONDS", default=60.0),
    },
    "find-discrepancies": {
        "task": "participants.tasks.find_discrepancies",
        # At night in Shanghai (the zone of Celery is UTC).
        "schedule": crontab(hour=19, minute=30),
    },
    "watch-sae-clocks": {
        "task": "safety.tasks.watch_clocks",
        "schedule": env.float("BEAT_SECONDS", default=60.0),
    },
    "draft-deviations": {
        "task": "safety.tasks.draft_deviations",
        "schedule": env.float("BEAT_SECONDS", default=60.0),
    },
    "draft-what-time-brought": {
        "task": "safety.tasks.draft_what_time_brought",
        "schedule": 60 * env.float("BEAT_SECONDS", default=60.0),
    },
    "seal-the-trail": {
        "task": "records.tasks.seal",
        "schedule": env.float("BEAT_SECONDS", default=60.0),
    },
    "verify-the-trail": {
        "task": "records.tasks.verify_trail",
        "schedule": crontab(hour=18, minute=10),  # at night in Shanghai
    },
    "run-saved-exports": {
        "task": "exports.tasks.run_schedules",
        "schedule": env.float("BEAT_SECONDS", default=60.0),
    },
    "delete-old-export-files": {
        "task": "exports.tasks.remove_old_files",
        "schedule": 10 * env.float("BEAT_SECONDS", default=60.0),
    },
    "find-lost-exports": {
        "task": "exports.tasks.take_up_again",
        "schedule": env.float("BEAT_SECONDS", default=60.0),
    },
    "find-lost-imports": {
        "task": "imports.tasks.take_up_again",
        "schedule": env.float("BEAT_SECONDS", default=60.0),
    },
    "remove-files-not-imported": {
        "task": "imports.tasks.remove_old_files",
        "schedule": crontab(hour=19, minute=50),
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "records.logs.WithoutRows",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
