"""A real sandbox for tests: starts the program as a process of its own and drives its control plane over
HTTP.

Needs `requests` only; imports nothing of Django and nothing else of the sandbox, so that every test suite may
use it.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

ROOT = Path(__file__).resolve().parent.parent
SECRET = "sandbox-secret"  # noqa: S105
SMILE_CURRENT, SMILE_2017 = "sandbox_smile_current", "sandbox_smile_2017"
APP_KEY, PROGRAM = "sandbox-app-key", "4000000000000001"
POS_CLIENT, POS_CLIENT_2, POS_SECRET = "sandbox-pos", "sandbox-pos-second", "sandbox-secret"
WHATSAPP_NUMBER, WHATSAPP_ACCOUNT = "100000000000001", "200000000000001"
WHATSAPP_TOKEN, WHATSAPP_APP_SECRET = "sandbox-whatsapp-token", "sandbox-whatsapp-app-secret"
STOP_SECONDS = 5
Args = Mapping[str, Any]


class SandboxFailed(Exception):
    """The sandbox did not start, or refused an order; the text says why."""


class SandboxServer:
    """One running sandbox with a temporary database, on a port the system chose.

    `start` waits until it serves. Also a context manager that stops it. Acts answer with the created or
    changed object in the shape of profile `laravel`; arguments are documented in `sandbox/README.md`.
    """

    def __init__(self) -> None:
        self.url = ""
        self.folder: Path | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._running: subprocess.Popen[str] | None = None
        self._http = requests.Session()
        # A proxy of the surroundings has no business on loopback.
        self._http.trust_env = False

    def start(self, dataset: str = "empty", customers: int | None = None) -> Self:
        """Start and wait until it serves; raises `SandboxFailed` with what it printed."""
        self._temporary = tempfile.TemporaryDirectory(prefix="sandbox-")
        self.folder = Path(self._temporary.name)
        command = [sys.executable, "-m", "sandbox", "serve", "--port", "0", "--dataset", dataset]
        command += ["--db", str(self.folder / "sandbox.sqlite3")]
        if customers is not None:
            command += ["--customers", str(customers)]
        self._running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        line = self._running.stdout.readline() if self._running.stdout else ""
        if "http://" not in line:
            self.stop()
            raise SandboxFailed(f"the sandbox did not start: {line.strip() or 'see standard error'}")
        self.url = line[line.index("http://") :].strip().rstrip("/")
        return self

    @property
    def base(self) -> str:
        """The base address of the Smartbis API, slash at the end."""
        return f"{self.url}/smartbis/v2/"

    @property
    def smile_base(self) -> str:
        """The base address of Smile's API; its paths begin with `/v1`."""
        return f"{self.url}/smile"

    @property
    def smartpasses_base(self) -> str:
        """The base address of the Smart Passes API, slash at the end."""
        return f"{self.url}/smartpasses/api/v1/loyalty/"

    @property
    def smartpos_base(self) -> str:
        """The base address of the SmartPOS bridge; its paths begin with `/v1`."""
        return f"{self.url}/smartpos"

    @property
    def whatsapp_base(self) -> str:
        """The base address of WhatsApp's Cloud API with its version, slash at the end."""
        return f"{self.url}/whatsapp/v21.0/"

    @property
    def pid(self) -> int:
        """The process id of the server."""
        if self._running is None:
            raise SandboxFailed("the sandbox is not running")
        return self._running.pid

    @property
    def database(self) -> Path:
        """The live database file."""
        if self.folder is None:
            raise SandboxFailed("the sandbox was not started")
        return self.folder / "sandbox.sqlite3"

    def reset(self, dataset: str = "empty") -> None:
        """Start over; faults, switches, clock and log are cleared."""
        self._post("reset", {"dataset": dataset})

    def clock(self, now: datetime | str | None) -> None:
        """Freeze at an aware time (or RFC 3339 text); None lets the clock run."""
        self._post("clock", {"now": now.isoformat() if isinstance(now, datetime) else now})

    def fault(
        self, kind: str, *, method: str = "*", path: str = "*", times: int = 1, vendor: str = "smartbis"
    ) -> None:
        """Let the next `times` matching requests fail; `path` is a glob, over the part after the base as
        well."""
        self._post("faults", {"vendor": vendor, "method": method, "path": path, "kind": kind, "times": times})

    def clear_faults(self) -> None:
        """Forget every waiting fault; whoever waits for a stalled answer is hung up on."""
        self._checked(self._http.delete(f"{self.url}/_sandbox/faults", timeout=10))

    def switch(
        self, name: str, value: str, *, credential: str = "sandbox-laravel", vendor: str = "smartbis"
    ) -> None:
        """Set a switch."""
        self._post("switch", {"vendor": vendor, "credential": credential, "name": name, "value": value})

    def act(
        self,
        action: str,
        args: Args | Sequence[Args] | None = None,
        *,
        credential: str = "sandbox-laravel",
        vendor: str = "smartbis",
        **more: Any,
    ) -> Any:
        """Change state behind the client's back; a list of arguments acts once per item and gives a list."""
        given = list(args) if isinstance(args, Sequence) else {**(args or {}), **more}
        body = {"vendor": vendor, "credential": credential, "action": action, "args": given}
        return self._post("act", body)["result"]

    def log(self, vendor: str = "smartbis") -> list[dict[str, Any]]:
        """`[{at, method, path, status, committed, fault}]`, oldest first; `status` None when no reply
        left."""
        reply = self._http.get(f"{self.url}/_sandbox/log", params={"vendor": vendor}, timeout=10)
        rows: list[dict[str, Any]] = self._checked(reply)
        return rows

    def committed(self, path: str = "", vendor: str = "smartbis") -> int:
        """How many logged calls had an effect; only those whose path ends with `path`."""
        return sum(1 for row in self.log(vendor) if row["committed"] and row["path"].endswith(path))

    def state(self) -> dict[str, Any]:
        """`{now, frozen, faults, switches, in_flight}`."""
        state: dict[str, Any] = self._checked(self._http.get(f"{self.url}/_sandbox/state", timeout=10))
        return state

    def token(self, credential: str = "sandbox-laravel") -> str:
        """A Smartbis token of a credential."""
        pair = {"api_key": credential, "api_secret": SECRET}
        reply = self._http.post(f"{self.base}auth/token", json=pair, timeout=10)
        token: str = self._checked(reply)["access_token"]
        return token

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int | None:
        """Stop it and remove its data; gives the exit code."""
        code = None
        if self._running is not None:
            self._running.send_signal(sent)
            try:
                code = self._running.wait(STOP_SECONDS)
            finally:
                if self._running.stdout is not None:
                    self._running.stdout.close()
                self._running = None
        self._http.close()
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None
        return code

    def __enter__(self) -> Self:
        return self if self._running is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _post(self, order: str, body: Args) -> Any:
        return self._checked(self._http.post(f"{self.url}/_sandbox/{order}", json=body, timeout=60))

    @staticmethod
    def _checked(reply: requests.Response) -> Any:
        if not reply.ok:
            raise SandboxFailed(f"{reply.status_code}: {reply.text}")
        return reply.json()
