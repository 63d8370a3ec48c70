"""Starts the program's own commands as processes on the test's database."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection as database

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """The environment of a child that works on the test database."""
    given = database.settings_dict
    if database.vendor == "sqlite":
        url = f"sqlite:///{given['NAME']}"
    else:
        who = quote(given["USER"]) + (f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else "")
        # A folder as host is a socket.
        url = f"postgres://{who}@{quote(given['HOST'], safe='')}:{given['PORT']}/{given['NAME']}"
    own = {"DJANGO_SETTINGS_MODULE": "smartbis_admin.settings", "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
    return os.environ | own | more


def manage(*arguments: str, **more: str) -> subprocess.Popen[str]:
    """Start `manage.py …`; standard output and error are kept apart, as in a pipe."""
    return start(sys.executable, "manage.py", *arguments, **more)


def start(*command: str, **more: str) -> subprocess.Popen[str]:
    """Start a program at the root of the repository."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition: Any, process: subprocess.Popen[str], seconds: float = 120) -> None:
    """Look again every 50 ms until the condition holds; the process must live meanwhile."""
    for _look in range(int(seconds / 0.05)):
        if condition():
            return
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"it did not come about; exit code {process.poll()}")


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output, standard error of a process that ends by itself."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err
