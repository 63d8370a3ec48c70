"""`make run` for real, on free ports with a folder of its own: start, first sync, stop, start again."""

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from tests.project.processes import bare_environment, descendants, ends_within, read_until

ROOT = Path(__file__).resolve().parents[2]


def free_ports() -> tuple[int, int]:
    """Two ports nobody listens on; held together while choosing, so that they differ."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a person's shell would hold, and nothing of the test run's own settings."""
    port, sandbox_port = free_ports()
    return {
        **bare_environment(),
        "HOME": str(folder),
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "SANDBOX_CUSTOMERS": "150",
        "SANDBOX_SMILE_CUSTOMERS": "80",
        "SANDBOX_SMARTPASSES_CUSTOMERS": "60",
        "SMARTBIS_PACE": "1000",
        **more,
    }


@contextmanager
def running(env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The launcher, from the moment it says it is ready; its log is read on, so that it never blocks."""
    process = subprocess.Popen(
        [sys.executable, "-um", "smartbis_admin.launcher"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            read_until(process, "The program is ready")
            reader = threading.Thread(target=process.stdout.read)  # type: ignore[union-attr]
            reader.start()
            yield process
        finally:
            process.terminate()
            process.wait(20)
            reader.join()


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{folder}/db.sqlite3?mode=ro", uri=True, timeout=10)) as database:
        return database.execute(query).fetchall()


def wait_for_rows(folder: Path, query: str, expected: list[tuple[object, ...]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (found := rows(folder, query)) != expected:
        assert time.monotonic() < deadline, found
        threading.Event().wait(0.1)


RUNS = "SELECT resource, state FROM sync_syncrun ORDER BY resource"
LISTS = [
    "categories",
    *["customers"] * 3,
    "earning_rules",
    "fulfilments",
    "offers",
    "points_products",
    "points_transactions",
    "rewards",
    "vip_tiers",
    "vouchers",
]
CUSTOMERS = """SELECT provider, count(*) FROM customers_customer
    JOIN connections_connection ON connections_connection.id = connection_id GROUP BY provider ORDER BY provider"""
KNOWN = [("smartbis", 150), ("smartpasses", 60), ("smile", 80)]


def test_start_stop_and_start_again(tmp_path: Path) -> None:
    env = environment(tmp_path)
    home = f"http://127.0.0.1:{env['PORT']}"
    with running(env) as launcher:
        assert requests.get(f"{home}/saude/", timeout=5).status_code == 200
        login = requests.get(f"{home}/entrar/", timeout=5)
        assert login.status_code == 200
        assert "owner@demo.test" in login.text
        assert requests.get(f"http://127.0.0.1:{env['SANDBOX_PORT']}/", timeout=5).status_code == 200
        wait_for_rows(
            tmp_path,
            RUNS,
            [(name, "done") for name in LISTS],
            60,
        )
        assert rows(tmp_path, CUSTOMERS) == KNOWN
        wait_for_rows(
            tmp_path, "SELECT trigger FROM outreach_automation WHERE is_on", [("voucher_expiring",)], 60
        )
        started = descendants(launcher.pid)
        assert len(started) >= 5
        asked = time.monotonic()
        launcher.terminate()
        assert launcher.wait(10) == 0
        assert time.monotonic() - asked < 10
        assert [pid for pid in started if not ends_within(pid, 0)] == []

    secret = (tmp_path / "secret.key").read_bytes()
    with running(env) as launcher:
        assert rows(tmp_path, CUSTOMERS) == KNOWN
        assert len(rows(tmp_path, RUNS)) == len(LISTS)
        assert (tmp_path / "secret.key").read_bytes() == secret
        second = subprocess.run(
            [sys.executable, "-m", "smartbis_admin.launcher"],
            cwd=ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr == (
            f"make run: already running with the data in {tmp_path}; stop it, "
            "or name another with DATA_DIR=\n"
        )
        started = descendants(launcher.pid)
        launcher.send_signal(signal.SIGKILL)
        assert [pid for pid in started if not ends_within(pid, 15)] == []


def refusal(folder: Path, **env: str) -> str:
    """What a launcher that cannot run says; exactly one line."""
    result = subprocess.run(
        [sys.executable, "-m", "smartbis_admin.launcher"],
        cwd=ROOT,
        env=environment(folder, **env),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_taken_port_is_one_line_naming_the_variable(tmp_path: Path, variable: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(tmp_path / "data", **{variable: str(port)})
    assert line == (
        f"make run: port {port} cannot be used (Address already in use); "
        f"choose another with {variable}={port + 100}"
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("text", ["http", "0", "70000", "-1"])
def test_port_that_is_none_is_one_line(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path / "data", PORT=text) == f"make run: PORT={text} is not a port (1 to 65535)"
    assert not (tmp_path / "data").exists()


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    line = refusal(tmp_path, DATA_DIR="/proc/nowhere")
    assert line == (
        "make run: /proc/nowhere cannot be written (No such file or directory); name another with DATA_DIR="
    )
