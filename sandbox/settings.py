"""Settings of the sandbox, a Django project of its own. Imports nothing of the back office.

The database file comes from `SANDBOX_DB`; `python -m sandbox` sets it from its options. Nothing here is
secret: the sandbox listens on loopback only and holds invented people.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SECRET_KEY = "sandbox-loopback-only"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "sandbox.urls"
APPEND_SLASH = False
MIDDLEWARE: list[str] = []
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "ninja",
    "sandbox.smartbis",
    "sandbox.smile",
    "sandbox.smartpasses",
    "sandbox.smartpos",
    "sandbox.whatsapp",
]
SANDBOX_VENDORS = [
    "sandbox.smartbis.vendor",
    "sandbox.smile.vendor",
    "sandbox.smartpasses.vendor",
    "sandbox.smartpos.vendor",
    "sandbox.whatsapp.vendor",
]

SANDBOX_DB = Path(os.environ.get("SANDBOX_DB") or ROOT / "var" / "sandbox.sqlite3").absolute()
SANDBOX_CUSTOMERS = int(os.environ.get("SANDBOX_CUSTOMERS") or 2000)
# Demo customers by vendor, of the card machines the sales; the smaller ones never have more than Smartbis unless
# somebody says so.
SANDBOX_SIZES = {
    "smartbis": SANDBOX_CUSTOMERS,
    "smile": int(os.environ.get("SANDBOX_SMILE_CUSTOMERS") or min(1500, SANDBOX_CUSTOMERS)),
    "smartpasses": int(os.environ.get("SANDBOX_SMARTPASSES_CUSTOMERS") or min(600, SANDBOX_CUSTOMERS)),
    "smartpos": int(os.environ.get("SANDBOX_SMARTPOS_SALES") or min(800, SANDBOX_CUSTOMERS)),
    "whatsapp": 0,
}
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # A crash of the machine may cost the sandbox its data; a crash of the process may not.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000;",
    },
}
DATABASES = {
    "default": {**_SQLITE, "NAME": SANDBOX_DB},
    # Where the empty database is built from the migrations before it is kept as a copy.
    "pristine": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": SANDBOX_DB.parent / f"{SANDBOX_DB.name}.pristine" / "building.sqlite3",
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "pt-br"
USE_I18N = True
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "sandbox" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
# A refusal is an answer, not an event: Django's line per 4xx would put codes and CPFs into the log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
