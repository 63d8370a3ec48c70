"""Starting and stopping the program itself: one clear line when it cannot, no orphan when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from sandbox.testing import SandboxServer
from tests.sandbox.support import RawConnection

ROOT = Path(__file__).parents[2]
Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start `python -m sandbox serve` with a database in `tmp_path`; what still runs later is stopped."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, **environment: str) -> "subprocess.Popen[str]":
        given = {"SANDBOX_DB": str(tmp_path / "sandbox.sqlite3"), "DATASET": "empty", "SANDBOX_PORT": "0"}
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "serve", *options],
            cwd=ROOT,
            env={**os.environ, **given, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=10)


def address(process: "subprocess.Popen[str]") -> str:
    """The address out of the line that says it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Ambiente de testes pronto em http://127.0.0.1:")
    return line.split()[-1]


def refused(process: "subprocess.Popen[str]") -> str:
    """The one line of a start that failed."""
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.count("\n")) == (1, "", 1)
    return err


def test_a_taken_port_is_one_clear_line(serve: Serve) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        line = refused(serve("--port", str(port)))
    assert line == f"A porta {port} já está em uso. Escolha outra com --port ou SANDBOX_PORT.\n"


@pytest.mark.parametrize("place", ["file/sandbox.sqlite3", "folder"])
def test_a_place_that_cannot_be_written_is_one_clear_line(serve: Serve, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    line = refused(serve("--db", str(tmp_path / place)))
    assert line.startswith("Não é possível gravar o banco de dados em ")
    assert line.endswith("Use --db ou SANDBOX_DB.\n")


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--dataset", "production"], {}),
        ([], {"DATASET": "production"}),
        (["--port", "70000"], {}),
        ([], {"SANDBOX_PORT": "http"}),
        (["--customers", "0"], {}),
        (["--colour", "blue"], {}),
    ],
)
def test_options_are_checked(serve: Serve, options: list[str], environment: dict[str, str]) -> None:
    process = serve(*options, **environment)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert "Traceback" not in err


def test_two_do_not_share_a_database(serve: Serve) -> None:
    address(serve())
    assert "já está em uso por outro ambiente de testes." in refused(serve())


def test_it_keeps_its_data_and_starts_quickly_again(serve: Serve, tmp_path: Path) -> None:
    first = serve()
    url = address(first)
    act = {
        "vendor": "smartbis",
        "credential": "sandbox-laravel",
        "action": "create_customer",
        "args": {"name": "Ana"},
    }
    assert requests.post(f"{url}_sandbox/act", json=act, timeout=5).status_code == 200
    first.terminate()
    assert first.wait(5) == 0
    started = time.monotonic()
    again = address(serve(DATASET="demo"))
    assert time.monotonic() - started < 4
    pair = {"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"}
    token = requests.post(f"{again}smartbis/v2/auth/token", json=pair, timeout=5).json()["access_token"]
    reply = requests.get(
        f"{again}smartbis/v2/customers", headers={"Authorization": f"Bearer {token}"}, timeout=5
    )
    assert [row["name"] for row in reply.json()["data"]] == ["Ana"]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("kind", [None, "stall_after", "slow"])
def test_it_stops_within_two_seconds_whatever_hangs(sent: signal.Signals, kind: str | None) -> None:
    server = SandboxServer().start()
    token = server.token()
    hanging = RawConnection(server)
    try:
        if kind:
            server.fault(kind, path="categories", times=3)
            hanging.send("GET", "categories", token=token)
            until = time.monotonic() + 5
            while not any(row["fault"] for row in server.log()):
                assert time.monotonic() < until
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        assert len(children) == 1
        started = time.monotonic()
        assert server.stop(sent) == 0
        assert time.monotonic() - started < 2
        assert not Path(f"/proc/{children[0]}").exists()
    finally:
        hanging.close()
        server.stop()


def test_it_listens_on_loopback_only(sandbox_server: SandboxServer) -> None:
    port = int(sandbox_server.url.rpartition(":")[2])
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
    ]
    assert listening == [f"0100007F:{port:04X}"]
