"""All settings of the program, read from the environment through django-environ.

A wrong or missing value stops the start with one line that names the variable (`.env.example` lists
them all). Nothing else in the program reads the environment.
"""

import logging
import re
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
import structlog
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def stop(variable: str, problem: str) -> SystemExit:
    """The one clear line a wrong setting ends the start with."""
    return SystemExit(f"smartbis_admin: {variable}: {problem} (see .env.example)")


def read(
    variable: str,
    kind: Callable[..., Any],
    default: Any = environ.Env.NOTSET,
    *,
    valid: Callable[[Any], bool] = lambda value: True,
    must: str = "",
) -> Any:
    """One environment variable through django-environ, or the end of the start.

    What is wrong with a value is said without the value, which may be a secret.
    """
    try:
        value = kind(variable, default=default)
    except (ImproperlyConfigured, ValueError, TypeError, KeyError):
        problem = "has a value that cannot be read" if variable in env.ENVIRON else "is required and not set"
        raise stop(variable, problem) from None
    if not valid(value):
        raise stop(variable, must)
    return value


def positive(variable: str, default: float) -> float:
    """A number above zero (seconds, calls per second)."""
    value: float = read(variable, env.float, default, valid=lambda n: n > 0, must="must be above zero")
    return value


def switch(variable: str, default: bool) -> bool:
    """A boolean; anything but true/false/1/0/yes/no/on/off stops the start instead of meaning False."""
    text = str(env.str(variable, default="on" if default else "off")).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    raise stop(variable, f"must be on or off, not {text!r}")


def kept_secret(folder: Path, name: str, make: Callable[[], str]) -> str:
    """A secret made at the first demo start and kept in the data folder, readable by its owner alone."""
    path = folder / name
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(make())
    except FileExistsError:
        pass
    except OSError as error:
        raise stop("DATA_DIR", f"{folder} is not writable: {error.strerror}") from None
    return path.read_text(encoding="ascii")


VERSION = re.search(r"^## (\d+\.\d+\.\d+)", (BASE_DIR / "CHANGELOG.md").read_text("utf-8"), re.M)[1]  # type: ignore[index]

DEBUG = switch("DEBUG", False)
# Demo people and generated secrets exist only in demo mode, and demo mode only on loopback.
DEMO = switch("DEMO", False)
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATA_DIR = Path(read("DATA_DIR", env.str, str(BASE_DIR / "var"))).resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as _error:
    raise stop("DATA_DIR", f"{DATA_DIR} cannot be made: {_error.strerror}") from None

if DEMO:
    SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(
        DATA_DIR, "secret.key", lambda: secrets.token_urlsafe(64)
    )
    FIELD_KEYS = env.list("FIELD_KEYS", default=[]) or [
        kept_secret(DATA_DIR, "field.key", lambda: Fernet.generate_key().decode())
    ]
    ALLOWED_HOSTS = LOOPBACK_HOSTS
else:
    SECRET_KEY = read(
        "SECRET_KEY", env.str, valid=lambda key: len(key) >= 50, must="must have at least 50 characters"
    )
    FIELD_KEYS = read("FIELD_KEYS", env.list, valid=bool, must="is required and empty")
    ALLOWED_HOSTS = read("ALLOWED_HOSTS", env.list, LOOPBACK_HOSTS, valid=bool, must="must name a host")
try:
    [Fernet(key) for key in FIELD_KEYS]
except ValueError:
    raise stop("FIELD_KEYS", "must be Fernet keys (44 characters of URL-safe base64), newest first") from None
# The sandbox `make run` starts; demo mode connects to it.
SANDBOX_URL = read(
    "SANDBOX_URL",
    env.str,
    "http://127.0.0.1:8001",
    valid=lambda url: urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"},
    must="must be an address on this machine, http://127.0.0.1:8001",
)
CSRF_TRUSTED_ORIGINS = read(
    "CSRF_TRUSTED_ORIGINS",
    env.list,
    [],
    valid=lambda origins: all(urlsplit(origin).scheme for origin in origins),
    must="must be addresses with their scheme, https://loja.example.com",
)
# Under which customers and vendors reach us: links in messages, addresses of webhooks.
PUBLIC_URL = read(
    "PUBLIC_URL",
    env.str,
    "http://127.0.0.1:8000" if DEMO else f"https://{ALLOWED_HOSTS[0].lstrip('.')}",
    valid=lambda url: urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname),
    must="must be an address with its scheme, https://loja.example.com",
).rstrip("/")

INSTALLED_APPS = [
    "smartbis_admin.ui",
    "smartbis_admin.staff",
    "smartbis_admin.connections",
    "smartbis_admin.writes",
    "smartbis_admin.sync",
    "customers",
    "customers.imports",
    "customers.bridge",
    "customers.points",
    "customers.wallet",
    "customers.persons",
    "customers.rules",
    "rewards",
    "rewards.products",
    "rewards.offers",
    "vouchers",
    "vouchers.fulfilments",
    "vouchers.elsewhere",
    "vouchers.dashboard",
    "vouchers.reversals",
    "vouchers.contingency",
    "vouchers.outreach",
    "smartbis_admin.ui.admin.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # the widgets' own templates, which TemplatesSetting looks for
    "django_tables2",
    "django_filters",
    "django_htmx",
    "django_celery_beat",
    "axes",
    "csp",
    "django_structlog",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "smartbis_admin.ui.policy.KeptPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "smartbis_admin.logs.PathOnlyRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "smartbis_admin.urls"
WSGI_APPLICATION = "smartbis_admin.wsgi.application"
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
                "smartbis_admin.ui.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------
_database_url = read(
    "DATABASE_URL",
    env.str,
    f"sqlite:///{DATA_DIR}/db.sqlite3",
    valid=lambda url: url.startswith(("sqlite:///", "postgres://", "postgresql://")),
    must="must begin with sqlite:/// or postgres://",
)
try:
    DATABASES = {"default": environ.Env.db_url_config(_database_url)}
except ValueError:
    raise stop("DATABASE_URL", "has a value that cannot be read") from None
_engine = DATABASES["default"]["ENGINE"]
if _engine.endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the lock at its start and waits its turn there,
    # instead of failing half-way when it upgrades from read to write.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The log is written back every 32 MB: a mirrored page touches every index in hundreds of places, and
        # at SQLite's own 4 MB each page would be written back by itself.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000; "
        "PRAGMA wal_autocheckpoint=8000;",
    }
else:
    # Options of the address (sslmode, host) stay.
    _options = DATABASES["default"].setdefault("OPTIONS", {})
    if _pool := read("DB_POOL", env.int, 8, valid=lambda n: n >= 0, must="must be zero (no pool) or more"):
        _options["pool"] = {"min_size": 1, "max_size": _pool, "timeout": 10}
    # Allows the driver to keep plans at all: `prepared.py` asks for it, and rows written one after the other.
    _options["prepare_threshold"] = 2
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "staff:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "staff:login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_TEMPLATE = "staff/locked_out.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Português")), ("en", _("Inglês")), ("es", _("Espanhol"))]
LOCALE_PATHS = [BASE_DIR / "smartbis_admin" / "locale"]
FORMAT_MODULE_PATH = "smartbis_admin.locale"
USE_I18N = True
USE_TZ = True
# What people see; the database holds UTC. Stores may lie in another zone.
TIME_ZONE = read(
    "TIME_ZONE",
    env.str,
    "America/Sao_Paulo",
    valid=available_timezones().__contains__,
    must="must be the name of a time zone, America/Sao_Paulo",
)

# --- Static files ---------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Compressing takes longer than everything else of a first start and gains nothing on loopback.
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Mail -----------------------------------------------------------------------------------------
vars().update(read("EMAIL_URL", env.email_url, "consolemail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read("DEFAULT_FROM_EMAIL", env.str, "smartbis-admin@localhost")

# --- Jobs -----------------------------------------------------------------------------------------
CELERY_BROKER_URL = read(
    "CELERY_BROKER_URL",
    env.str,
    "filesystem://localhost",
    valid=lambda url: url.startswith(("filesystem://", "redis://", "rediss://", "amqp://", "amqps://")),
    must="must begin with filesystem://, redis:// or amqp://",
)
if CELERY_BROKER_URL.startswith("filesystem://"):
    # Embedded broker: a doorbell only. Every job is a row in the database and a sweeper re-queues
    # what is stuck, so that a message lost with a killed worker loses nothing.
    _queue = DATA_DIR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "processed_folder": str(_queue / "processed"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
else:
    # Above the longest task, or the broker would hand a running task to a second worker.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 6 * 3600,
        # A doorbell that cannot ring is given up at once: a person's request must not wait for the broker.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.2,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# The program's own clockwork. Beat writes these values to the database again at every start, so what people
# may change (when lists are read) is not among them; the sync app makes those rows after the migrations.
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "smartbis_admin.sync.tasks.sweep",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "settle": {
        "task": "smartbis_admin.writes.tasks.settle_open",
        "schedule": 15.0,
        "options": {"expires": 12},
    },
    "refine": {
        "task": "vouchers.tasks.refine_refusals",
        "schedule": 15.0,
        "options": {"expires": 12},
    },
    "contingency": {
        "task": "vouchers.contingency.tasks.hand_over",
        "schedule": 15.0,
        "options": {"expires": 12},
    },
    "imports": {
        "task": "customers.imports.tasks.sweep",
        "schedule": 15.0,
        "options": {"expires": 12},
    },
    "bridge_feeds": {
        "task": "customers.bridge.tasks.pull_feeds",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "bridge": {
        "task": "customers.bridge.tasks.sweep",
        "schedule": 15.0,
        "options": {"expires": 12},
    },
    "bridge_waiting": {
        "task": "customers.bridge.tasks.look_after_waiting",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "erase_buyers": {
        "task": "customers.bridge.tasks.erase_old",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600},
    },
    "stock": {
        "task": "rewards.tasks.watch_stock",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "bulk": {
        "task": "smartbis_admin.ui.tasks.sweep_bulk",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "simulations": {
        "task": "customers.rules.tasks.sweep_simulations",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "erase_imports": {
        "task": "customers.imports.tasks.erase_old",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600},
    },
    "erase_notes": {
        "task": "customers.tasks.erase_deleted_notes",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "figures": {
        "task": "vouchers.dashboard.tasks.refresh_figures",
        "schedule": 20.0,
        "options": {"expires": 15},
    },
    "outreach_look": {
        "task": "vouchers.outreach.tasks.look",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "outreach_send": {
        "task": "vouchers.outreach.tasks.send",
        "schedule": 15.0,
        "options": {"expires": 12},
    },
    "outreach_erase": {
        "task": "vouchers.outreach.tasks.erase",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600},
    },
}

# --- Wire (seconds and calls per second; contracts README §3.6) -------------------------------------
API_CONNECT_TIMEOUT = positive("API_CONNECT_TIMEOUT", 3.0)
API_READ_TIMEOUT = positive("API_READ_TIMEOUT", 30.0)
API_TILL_TIMEOUT = positive("API_TILL_TIMEOUT", 8.0)
API_PACE = {
    "smartbis": positive("SMARTBIS_PACE", 5.0),
    "smile": positive("SMILE_PACE", 8.0),
    "smartpasses": positive("SMARTPASSES_PACE", 2.0),
    "smartpos": positive("SMARTPOS_PACE", 5.0),
    "whatsapp": positive("WHATSAPP_PACE", 20.0),
}

# --- Mirror -----------------------------------------------------------------------------------------
# Seconds without a heartbeat after which a run counts as abandoned.
SYNC_STALE_AFTER = positive("SYNC_STALE_AFTER", 60.0)
# A complete walk that would withdraw at least so many rows and more than this share waits for a person.
SYNC_BRAKE_ROWS = read("SYNC_BRAKE_ROWS", env.int, 20, valid=lambda n: n >= 1, must="must be at least one")
SYNC_BRAKE_PERCENT = positive("SYNC_BRAKE_PERCENT", 20.0)

# --- Imports ----------------------------------------------------------------------------------------
# Days after which the rows of a finished file, or a file never sent, are erased.
IMPORT_DAYS = read("IMPORT_DAYS", env.int, 180, valid=lambda n: n >= 1, must="must be at least one")

# --- Card machines ----------------------------------------------------------------------------------
# Days after which a sale whose buyer nobody identified earns nothing, and above which one is too old to earn.
BRIDGE_IDENTIFY_DAYS = read(
    "BRIDGE_IDENTIFY_DAYS", env.int, 7, valid=lambda n: n >= 1, must="must be at least one"
)
BRIDGE_OLDEST_DAYS = read(
    "BRIDGE_OLDEST_DAYS", env.int, 30, valid=lambda n: n >= 1, must="must be at least one"
)

# --- Rewards ----------------------------------------------------------------------------------------
# At so many pieces or fewer a stock is low, unless the reward has a number of its own.
LOW_STOCK = read("LOW_STOCK", env.int, 10, valid=lambda n: n >= 0, must="must be zero or more")

# --- Contingency ------------------------------------------------------------------------------------
# Older than so many hours, our copy of the vouchers says nothing about which of them may be accepted.
CONTINGENCY_MIRROR_AGE = timedelta(hours=positive("CONTINGENCY_MIRROR_HOURS", 24.0))
# Codes a till keeps for the time without a link.
CONTINGENCY_CODES = read(
    "CONTINGENCY_CODES", env.int, 20_000, valid=lambda n: n >= 1, must="must be at least one"
)

# --- Security -------------------------------------------------------------------------------------
# Off only where the program itself is reached over plain http: loopback demo and development.
_https = switch("HTTPS", not (DEMO or DEBUG))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
if switch("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^saude/$"]
SESSION_ENGINE = "smartbis_admin.staff.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Tables ---------------------------------------------------------------------------------------
DJANGO_TABLES2_TEMPLATE = "ui/table.html"

# --- Logs -----------------------------------------------------------------------------------------
LOG_LEVEL = read(
    "LOG_LEVEL",
    env.str,
    "INFO",
    valid=lambda level: level.upper() in logging.getLevelNamesMapping(),
    must="must be DEBUG, INFO, WARNING, ERROR or CRITICAL",
).upper()
_shared_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_keys": {"()": "smartbis_admin.logs.WithoutKeys"}},
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer()
            if switch("LOG_JSON", not (DEMO or DEBUG))
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=30),
            "foreign_pre_chain": _shared_processors,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
        "django.request": {"filters": ["without_keys"]},
    },
}
# A request is told once, at its end.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared_processors,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
