"""The real settings in a test environment: own folder per process, no secret from outside, quick hashing.

The environment is set here, and not in a conftest, because pytest-django reads the settings before any
conftest; child processes that the tests start (commands, servers) inherit it.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="smartbis-admin-test-"))
(_folder / "static").mkdir()  # WhiteNoise warns of a missing one, and warnings are errors here
_owner = os.getpid()


@atexit.register
def _remove_folder() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_folder, ignore_errors=True)


os.environ |= {
    "DATA_DIR": str(_folder),
    "SECRET_KEY": "tests-only-" + "x" * 60,
    "FIELD_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "DEBUG": "off",
    "DEMO": "off",
    "HTTPS": "off",
    "EMAIL_URL": "memorymail://",
    "LOG_LEVEL": "WARNING",
    # The sandbox needs no courtesy; tests of the pace set their own.
    "SMARTBIS_PACE": "10000",
    "SMILE_PACE": "10000",
    "SMARTPASSES_PACE": "10000",
    "SMARTPOS_PACE": "10000",
    "WHATSAPP_PACE": "10000",
    # No pool: a test database is dropped at the end, and a pool would still hold connections to it.
    "DB_POOL": "0",
}

from smartbis_admin.settings import *  # noqa: E402
from smartbis_admin.settings import DATABASES, STORAGES  # noqa: E402

# A file, not SQLite's shared memory: threads and live servers must meet the locks they meet in production.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
