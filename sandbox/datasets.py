"""The sandbox's data as a whole: built once, kept as pristine copies beside the database, restored by copying
pages.

A copy is named after the code that made it, so that a change of schema or generator makes a new one, and the
demo copy also after its day, because demo data end with today. Restoring goes through SQLite's backup, which
replaces the content in one transaction under the feet of open connections. Knows vendors only through the
register.
"""

import hashlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from sandbox.times import ZONE
from sandbox.vendors import vendors

DATASETS = ("empty", "demo")
_lock = threading.Lock()


def open_live(dataset: str) -> bool:
    """Make the live database ready; a new one is filled with `dataset`. Says whether it was new."""
    live: Path = settings.SANDBOX_DB
    live.parent.mkdir(parents=True, exist_ok=True)
    _folder().mkdir(exist_ok=True)
    _empty()
    if live.exists():
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()
        return False
    source = _pristine(dataset)
    unfinished = live.with_name(f"{live.name}.new")
    shutil.copyfile(source, unfinished)
    unfinished.rename(live)
    return True


def restore(dataset: str) -> None:
    """Replace the live data by a pristine copy of `dataset`; vendors then forget what they remembered."""
    with _lock:
        with (
            closing(sqlite3.connect(_pristine(dataset))) as source,
            closing(sqlite3.connect(settings.SANDBOX_DB, timeout=20)) as live,
        ):
            live.execute("PRAGMA synchronous=OFF")
            source.backup(live, sleep=0.002)
        for vendor in vendors().values():
            vendor.forget()


def lock_file() -> Path:
    """The file a running sandbox holds locked while it uses its database."""
    live: Path = settings.SANDBOX_DB
    return live.with_name(f"{live.name}.lock")


def _folder() -> Path:
    live: Path = settings.SANDBOX_DB
    return live.with_name(f"{live.name}.pristine")


def _pristine(dataset: str) -> Path:
    return _empty() if dataset == "empty" else _demo()


def _empty() -> Path:
    return _kept("empty", f"{_code_mark()}", _migrate)


def _demo() -> Path:
    sizes: dict[str, int] = settings.SANDBOX_SIZES
    today = datetime.combine(datetime.now(ZONE).date(), time(), ZONE)

    def fill(path: Path) -> None:
        shutil.copyfile(_empty(), path)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=OFF")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA cache_size=-64000")
            connection.execute("BEGIN")
            for vendor in vendors().values():
                vendor.demo(connection, sizes[vendor.name], int(today.timestamp()))
            connection.execute("COMMIT")
            connection.execute("ANALYZE")

    mark = "-".join(str(sizes[name]) for name in vendors())
    return _kept("demo", f"{mark}-{today:%Y%m%d}-{_code_mark()}", fill)


def _kept(dataset: str, mark: str, build: Callable[[Path], None]) -> Path:
    """The copy named by `dataset` and `mark`, built first when it is not there; older ones go."""
    path = _folder() / f"{dataset}-{mark}.sqlite3"
    if not path.exists():
        building = _folder() / "building.sqlite3"
        building.unlink(missing_ok=True)
        build(building)
        for old in _folder().glob(f"{dataset}-*.sqlite3"):
            old.unlink()
        building.rename(path)
    return path


def _migrate(path: Path) -> None:
    call_command("migrate", database="pristine", verbosity=0, interactive=False)
    connections["pristine"].close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for vendor in vendors().values():
            vendor.prepare(connection)


def _code_mark() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def writable_place() -> str | None:
    """Why the database cannot be written where it is wanted, in one line; None when it can."""
    live: Path = settings.SANDBOX_DB
    try:
        live.parent.mkdir(parents=True, exist_ok=True)
        _folder().mkdir(exist_ok=True)
    except OSError as error:
        return f"{live.parent}: {error.strerror}"
    if live.is_dir():
        return f"{live}: é uma pasta"
    files = (live, lock_file())
    for place in (live.parent, _folder(), *(file for file in files if file.exists())):
        if not os.access(place, os.W_OK):
            return f"{place}: sem permissão de escrita"
    return None
