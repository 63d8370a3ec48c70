"""`python -m smartbis_admin.launcher`: the demonstration on this machine, from the first start to Ctrl-C.

Decides what runs and says in one line why it cannot; how processes are kept is the supervisor's.
"""

import fcntl
import http.client
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import IO

from smartbis_admin.launcher.supervisor import Died, Stopped, Supervisor

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 90.0
BANNER = """
  The program is ready:   http://127.0.0.1:{port}
  The sandbox it talks to: http://127.0.0.1:{sandbox_port}
  Sign in as owner@demo.test, manager@demo.test, cashier@demo.test or viewer@demo.test, password demo
  Ctrl-C stops everything; data stay in {folder}
"""


class CannotRun(Exception):
    """Something outside the program stands in the way; the message is the one line to show."""


def read_port(variable: str, default: int) -> int:
    """The port named by a variable, after checking that it is free. Raises `CannotRun`."""
    text = os.environ.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CannotRun(f"{variable}={text} is not a port (1 to 65535)")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotRun(
                f"port {port} cannot be used ({error.strerror}); choose another with {variable}={port + 100}"
            ) from None
    return port


def own_folder(folder: Path) -> IO[bytes]:
    """Make the data folder and hold it for this launcher alone, as long as the returned file is open."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        lock = (folder / "launcher.lock").open("wb")
    except OSError as error:
        raise CannotRun(
            f"{folder} cannot be written ({error.strerror}); name another with DATA_DIR="
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotRun(
            f"already running with the data in {folder}; stop it, or name another with DATA_DIR="
        ) from None
    return lock


def answers(port: int, path: str) -> bool:
    """Whether the process on this port serves yet. Raises `CannotRun` when it serves an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        raise CannotRun(f"http://127.0.0.1:{port}{path} answers {status}; the log above says why")
    return True


def supervise(port: int, sandbox_port: int, folder: Path) -> None:
    """Start everything in order and stay until asked to stop. Raises `Stopped` or `Died`."""
    env = os.environ | {
        "DEMO": "on",
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "smartbis_admin.settings",
        "SANDBOX_DB": str(folder / "sandbox.sqlite3"),
        "SANDBOX_PORT": str(sandbox_port),
        "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "-A", "smartbis_admin"]
    quiet = ["--loglevel", "WARNING"]
    with Supervisor(sys.stdout) as processes:
        processes.start("sandbox", [*python, "sandbox", "serve"], env=without_django(env))
        processes.run("prepare", [*python, "smartbis_admin.launcher.prepare"], env=env)
        web = ["gunicorn", "smartbis_admin.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
        web += ["--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "5"]
        web += ["--preload", "--no-control-socket", "--log-level", "warning"]
        processes.start("web", [*python, *web], env=env)
        worker = ["worker", "--pool", "threads", "--concurrency", "4"]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        as_root = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
        processes.start("worker", [*celery, *worker, *quiet], env=env | as_root)
        processes.start("beat", [*celery, "beat", "--pidfile", "", *quiet], env=env)
        ready = processes.wait_until(
            lambda: answers(port, "/saude/") and answers(sandbox_port, "/"), seconds=READY_SECONDS
        )
        if not ready:
            raise CannotRun(f"no answer on ports {port} and {sandbox_port} after {READY_SECONDS:.0f} seconds")
        processes.say(BANNER.format(port=port, sandbox_port=sandbox_port, folder=folder))
        processes.run("demo", [*python, "django", "demo_messages", "--people"], env=env)
        processes.run_forever()


def without_django(env: dict[str, str]) -> dict[str, str]:
    """The environment for the sandbox, which is a Django project with settings of its own."""
    return {name: value for name, value in env.items() if name != "DJANGO_SETTINGS_MODULE"}


def main() -> int:
    """Run the demonstration; 0 when it was asked to stop, 1 when it could not run or go on."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    os.chdir(ROOT)
    try:
        port = read_port("PORT", 8000)
        sandbox_port = read_port("SANDBOX_PORT", 8001)
        if port == sandbox_port:
            raise CannotRun(f"PORT and SANDBOX_PORT are both {port}; they must differ")
        with own_folder(folder):
            supervise(port, sandbox_port, folder)
    except Stopped:
        return 0
    except Died as death:
        print(f"make run: {death}; everything was stopped", file=sys.stderr)
    except CannotRun as reason:
        print(f"make run: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
