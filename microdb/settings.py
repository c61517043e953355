"""Settings, read from the environment. A secret has no default outside the demo."""

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
import plotly
from celery import schedules
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

from microdb.accounts.settings import *  # noqa: F403 # Django takes every name of this module
from microdb.accounts.settings import FORM_TARGETS, SIGN_UP
from microdb.api_settings import *  # noqa: F403
from microdb.api_settings import REST_FRAMEWORK
from microdb.monitoring.logs import logging_settings
from microdb.schedules import Every
from microdb.stack.addresses import stack_addresses

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR", BASE_DIR / "var")).resolve()

# With nothing in the environment, a running quickstart with the same VAR is used.
STACK = None if "DATABASE_URL" in os.environ else stack_addresses(VAR)
DEMO = os.environ.get("MICRODB_DEMO") == "1" or STACK is not None


def _required(name: str, demo: str) -> str:
    if value := os.environ.get(name):
        return value
    if DEMO or "DATABASE_URL" not in os.environ:
        return demo
    raise ImproperlyConfigured(f"Set {name}: outside the demo it has no default.")


def _secret_key() -> str:
    stored = VAR / "secret_key"
    # Without a stack and without a database nothing is signed, so the commands that need neither run with any key.
    key = _required("SECRET_KEY", demo=stored.read_text() if stored.exists() else secrets.token_urlsafe(64))
    if SERVES and (len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS):
        raise ImproperlyConfigured(
            f"SECRET_KEY is too weak: it needs {SHORTEST_KEY} characters, {FEWEST_CHARACTERS} of them different. Make "
            'one with: python -c "import secrets; print(secrets.token_urlsafe(64))"'
        )
    return key


def _allowed_hosts() -> list[str]:
    hosts = _required("ALLOWED_HOSTS", demo="localhost,127.0.0.1,[::1]").split(",")
    if SERVES and "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS=* lets anybody forge addresses: name the site's hosts instead.")
    return hosts


SERVES = not DEMO and "DATABASE_URL" in os.environ  # people and their data, not a demo or a command without a database
SHORTEST_KEY, FEWEST_CHARACTERS = 50, 8
SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
DEBUG = False
ALLOWED_HOSTS = _allowed_hosts()
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
BEHIND_TLS = os.environ.get("BEHIND_TLS") == "1"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by the machines themselves, without TLS
    SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", 365 * 24 * 3600))
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

# Proxies that append to X-Forwarded-For; what stands left of their addresses was written by the client.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
REST_FRAMEWORK["NUM_PROXIES"] = TRUSTED_PROXIES

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "auditlog",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "microdb.audit_log",
    "microdb.accounts",
    "microdb.micrographs",
    "microdb.webhooks",
    "microdb.training",
    "microdb.scoring",
    "microdb.similar",
    "microdb.quizzes",
    "microdb.overview",
    "microdb.front",
    "microdb.stack",
    "microdb.upkeep",
    "microdb.backups",
    "microdb.monitoring",
]

MIDDLEWARE = [
    "microdb.monitoring.requests.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "microdb.permissions_policy.PermissionsPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "microdb.stored_answers.SendByProxy",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "microdb.audit_log.origin.AuditOrigin",
    "microdb.error_pages.ErrorPages",
    "allauth.account.middleware.AccountMiddleware",  # after ErrorPages, so that it sees its exceptions first
]

ROOT_URLCONF = "microdb.urls"
WSGI_APPLICATION = "microdb.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "microdb.accounts.context.accounts",
            ],
        },
    },
]

# Database and queue
_database_url = os.environ.get("DATABASE_URL") or (STACK and STACK.database_url)
if _database_url:
    DATABASES = {"default": dj_database_url.parse(_database_url, conn_max_age=60, conn_health_checks=True)}
else:
    DATABASES = {"default": {"ENGINE": "microdb.stack.nodatabase"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL") or (STACK.redis_url if STACK else "redis://localhost:6379/0")
# Twice five seconds; otherwise a server that never answers would hold requests for ever.
_PATIENCE = {"socket_timeout": 5, "socket_connect_timeout": 5, "retry": Retry(NoBackoff(), 1)}
_CACHE = "django.core.cache.backends.redis.RedisCache"
CACHES = {"default": {"BACKEND": _CACHE, "LOCATION": REDIS_URL, "OPTIONS": _PATIENCE}}

# Background work: the settings that keep jobs from being lost or doubled (checked by every worker at start)
JOB_TIME_LIMIT = int(os.environ.get("JOB_TIME_LIMIT", "7200"))
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": int(JOB_TIME_LIMIT * 1.1),
    # A worker on "score,lettering,batch" serves the waiting person first; readings of different people take turns.
    "queue_order_strategy": "microdb.celery:FairCycle",
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = JOB_TIME_LIMIT
CELERY_TASK_SOFT_TIME_LIMIT = int(JOB_TIME_LIMIT * 0.9)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "ingest"
CELERY_TASK_ROUTES = {
    # What beat calls, and what only sends messages, never waits behind hours of readings.
    "microdb.*.tasks.sweep": {"queue": "sweep"},
    "microdb.micrographs.tasks.purge_trash": {"queue": "sweep"},
    "microdb.micrographs.tasks.store_upload": {"queue": "sweep"},
    "microdb.micrographs.tasks.start_rereading": {"queue": "sweep"},
    "microdb.stack.tasks.continue_demo": {"queue": "sweep"},
    "microdb.front.tasks.draw_sample": {"queue": "score"},  # a person is waiting
    "microdb.upkeep.tasks.check_files": {"queue": "sweep"},
    "microdb.upkeep.tasks.drop_old_keys": {"queue": "sweep"},
    "microdb.accounts.tasks.deliver": {"queue": "sweep"},
    "microdb.accounts.tasks.warn_of_expiring_tokens": {"queue": "sweep"},
    "microdb.micrographs.tasks.read_micrograph": {"queue": "ingest"},
    "microdb.micrographs.tasks.reread_records": {"queue": "ingest"},
    "microdb.micrographs.tasks.read_lettering": {"queue": "lettering"},
    "microdb.training.tasks.train_model_version": {"queue": "train"},
    "microdb.training.tasks.measure_learning_curve": {"queue": "train"},
    "microdb.training.tasks.import_model": {"queue": "score"},  # a person is waiting
    "microdb.scoring.tasks.score_micrograph": {"queue": "score"},
    "microdb.similar.tasks.describe": {"queue": "batch"},
    "microdb.scoring.tasks.send_rest": {"queue": "sweep"},
    "microdb.webhooks.tasks.deliver": {"queue": "webhooks"},
    "microdb.webhooks.tasks.purge": {"queue": "sweep"},
}
SWEPT = ("micrographs", "training", "scoring", "similar", "quizzes", "front")
SWEEPS = dict.fromkeys(SWEPT, 15) | {"webhooks": 5}  # seconds


def _beat(task: str, schedule: schedules.BaseSchedule, expires: float) -> dict[str, Any]:
    """A task that beat sends; a message that nobody has taken after ``expires`` seconds is dropped."""
    return {"task": f"microdb.{task}", "schedule": schedule, "options": {"expires": expires}}


HOUR = 3600
CELERY_BEAT_SCHEDULE = {
    **{f"sweep {room}": _beat(f"{room}.tasks.sweep", Every(every), every) for room, every in SWEEPS.items()},
    "drop old events": _beat("webhooks.tasks.purge", Every(24 * HOUR), HOUR),
    "check files": _beat("upkeep.tasks.check_files", crontab(hour="2", minute="30"), HOUR),
    "drop old keys": _beat("upkeep.tasks.drop_old_keys", crontab(hour="3", minute="0"), HOUR),
    "purge the trash": _beat("micrographs.tasks.purge_trash", Every(HOUR), HOUR),
    "read old records": _beat("micrographs.tasks.start_rereading", Every(24 * HOUR), HOUR),
    "warn of expiring tokens": _beat("accounts.tasks.warn_of_expiring_tokens", Every(HOUR), HOUR),
}
if DEMO:
    CELERY_BEAT_SCHEDULE["continue demo"] = _beat("stack.tasks.continue_demo", Every(5), 5)
# A JSON file with other training settings than the classifier's own, as its command line takes
CLASSIFIER_CONFIG = os.environ.get("CLASSIFIER_CONFIG", "")
CHECKPOINTS = VAR / "checkpoints"

# Accounts: the rest is in microdb/accounts/settings.py
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SENDS_EMAIL = DEMO or bool(os.environ.get("EMAIL_URL"))  # in the demo to a worker's log
if SERVES and SIGN_UP and not SENDS_EMAIL:
    raise ImproperlyConfigured("SIGN_UP=1 needs EMAIL_URL: whoever signs up verifies an e-mail address.")

# The audit log: entries are rows of our own, so the library's table is never made
AUDITLOG_LOGENTRY_MODEL = "audit_log.Entry"
AUDITLOG_STORE_JSON_CHANGES = True
MIGRATION_MODULES = {"auditlog": None}

# The front page: the quiz that anybody may take from it, by its slug, and the pages that `make docs` built
SAMPLE_QUIZ = os.environ.get("SAMPLE_QUIZ", "drawn-steels-people-against-the-machine" if DEMO else "")
DOCS = Path(os.environ.get("DOCS", BASE_DIR / "var" / "docs"))

# Files: masters and derivatives are never served by path, only through views that check who asks
MEDIA_ROOT = VAR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", VAR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static", ("plotly", Path(plotly.__file__).parent / "package_data")]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "microdb.storage.WholeFileStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if bucket := os.environ.get("STORAGE_S3_BUCKET"):
    STORAGES["default"] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": bucket}}
X_ACCEL = os.environ.get("X_ACCEL", "")  # the internal location of the proxy that sends stored files
UPLOADS = Path(os.environ.get("UPLOADS", VAR / "uploads"))  # files that are arriving, on a disk of this machine
UPLOADS_KEPT_DAYS = float(os.environ.get("UPLOADS_KEPT_DAYS", 7))  # after their last byte
UPLOAD_MAX_BYTES = int(os.environ.get("UPLOAD_MAX_BYTES", 2 * 2**30))
REQUEST_MAX_BYTES = int(os.environ.get("REQUEST_MAX_BYTES", 2**30))  # of one request with files
UPLOAD_MAX_PIXELS = int(os.environ.get("UPLOAD_MAX_PIXELS", 200_000_000))
READING_MAX_BYTES = int(os.environ.get("READING_MAX_BYTES", 4 * 2**30))  # of memory, for decoding one file
READING_MAX_SECONDS = int(os.environ.get("READING_MAX_SECONDS", 60))
KEEP_OPERATOR = os.environ.get("KEEP_OPERATOR", "") == "1"  # the operator's name in a microscope's record
DATA_UPLOAD_MAX_NUMBER_FILES = 2500
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *FORM_TARGETS],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Webhooks and e-mails. In the demo, the receiver is often a program on the same machine.
WEBHOOKS_TO_PRIVATE_ADDRESSES = os.environ.get("WEBHOOKS_TO_PRIVATE_ADDRESSES", "1" if DEMO else "") == "1"
SITE_URL = os.environ.get("SITE_URL", f"{'https' if BEHIND_TLS else 'http'}://{ALLOWED_HOSTS[0]}").rstrip("/")

LOGGING = logging_settings(level=os.environ.get("LOG_LEVEL", "INFO"), form=os.environ.get("LOG_FORMAT", "line").lower())
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")  # without it /metrics answers 404
SENTRY_DSN = os.environ.get("SENTRY_DSN", "")
