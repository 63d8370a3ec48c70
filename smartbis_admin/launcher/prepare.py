"""Everything that must be true before the processes of `make run` start: tables, static files, demo data.

One process for all three, because starting Django is what takes the time. Knows commands by name only.
"""

import hashlib
import os
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def static_fingerprint() -> str:
    """A digest of the names, sizes and times of all static sources: changes whenever one of them does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static() -> None:
    """Collect, hash and compress the static files, unless nothing changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    fingerprint = static_fingerprint()
    if not stamp.exists() or stamp.read_text(encoding="ascii") != fingerprint:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(fingerprint, encoding="ascii")


def main() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    collect_static()
    call_command("demo")
    call_command("demo_messages")


if __name__ == "__main__":
    main()
