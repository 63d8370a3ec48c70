"""`make bench-till`: our time on top of the platform's, with 1 and 20 tills. See README.md beside this file."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.production import GUNICORN  # noqa: E402
from benchmarks.till import tills  # noqa: E402
from benchmarks.till.tills import Codes  # noqa: E402
from sandbox.testing import SandboxServer  # noqa: E402

SECONDS = float(os.environ.get("BENCH_SECONDS") or 60)
TILLS = 20
#: Seconds between two scans of one till: one person in a hurry; people in a queue of customers.
HURRY, QUEUE, NONE = (0.2, 0.3), (1.0, 2.0), (0.0, 0.0)
#: Without pauses, to see what the machine can do.
SATURATED = min(SECONDS, 15)
BROWSER_SCANS = 60
#: Seconds: for each order that prepares, for the web server to start and to stop, for the whole browser.
PREPARING, STARTING, STOPPING, BROWSING = 180, 60, 15, 240


def environment(sandbox: SandboxServer, folder: Path) -> dict[str, str]:
    """Production's settings, but for the pace (it would be all there is to measure) and https."""
    return {
        "DJANGO_SETTINGS_MODULE": "smartbis_admin.settings",
        "PYTHONPATH": str(ROOT),
        "BENCH_BASE": sandbox.base,
        "BENCH_TILLS": str(TILLS),
        "DATA_DIR": str(folder),
        # Over the socket, as in production.
        "DATABASE_URL": "postgres:///postgres",
        "SECRET_KEY": "bench-only-" + "x" * 60,
        "FIELD_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "off",
        "EMAIL_URL": "memorymail://",
        "SMARTBIS_PACE": "100000",
    }


def shop(given: dict[str, str]) -> list[str]:
    """The sessions of the tills."""
    env = os.environ | given
    for order in (["migrate"], ["collectstatic", "--no-input"]):
        subprocess.run(
            [sys.executable, "manage.py", *order, "--verbosity", "0"],
            cwd=ROOT,
            env=env,
            check=True,
            timeout=PREPARING,
        )
    made = subprocess.run(
        [sys.executable, str(HERE / "shop.py")],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PREPARING,
    )
    sessions: list[str] = json.loads(made.stdout.strip().splitlines()[-1])
    return sessions


@contextmanager
def web_server(given: dict[str, str], log: Path) -> Iterator[str]:
    """gunicorn as in production, on a port of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "smartbis_admin.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        *GUNICORN,
    ]
    with (
        log.open("w") as lines,
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ | given, stderr=lines, start_new_session=True
        ) as web,
    ):
        try:
            ends = time.monotonic() + STARTING
            while not answers(f"http://127.0.0.1:{port}/saude/"):
                if web.poll() is not None or time.monotonic() > ends:
                    raise SystemExit(f"gunicorn ended:\n{log.read_text()}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            stop(web)


def stop(process: subprocess.Popen[Any]) -> None:
    """End a program and all it started: asked first, then made to."""
    process.terminate()
    try:
        process.wait(STOPPING)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def browse(web: str, session: str, codes: list[str]) -> list[float]:
    """Milliseconds of each scan in a real browser; none where the browser failed or hung, which is said."""
    order = json.dumps({"web": web, "session": session, "codes": codes})
    command = [sys.executable, str(HERE / "browser.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as browser:
        try:
            told, _nothing = browser.communicate(order, timeout=BROWSING)
        except subprocess.TimeoutExpired:
            print(f"the browser was ended after {BROWSING} s", file=sys.stderr)
            os.killpg(browser.pid, signal.SIGKILL)
            return []
        taken: list[float] = json.loads(told) if browser.returncode == 0 else []
        return taken


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        return bool(urllib.request.urlopen(url, timeout=5).status == 200)
    except (urllib.error.URLError, OSError):
        return False


def quantiles(times: list[float]) -> dict[str, float]:
    """Median, 95 and 99 of a hundred."""
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}


def line(name: str, label: str, cuts: dict[str, float]) -> None:
    """One line of figures."""
    print(f"{name:18}{label:22}" + "".join(f"{cut} {value:7.1f} ms  " for cut, value in cuts.items()))


def report(name: str, ours: list[float], direct: list[float]) -> float:
    """One line; gives our time on top at 95 of a hundred."""
    mine, theirs = quantiles(ours), quantiles(direct)
    on_top = {cut: mine[cut] - theirs[cut] for cut in mine}
    rows = {f"scan ({len(ours)})": mine, f"sandbox alone ({len(direct)})": theirs, "on top": on_top}
    for label, cuts in rows.items():
        line(name, label, cuts)
    return on_top["p95"]


def evenness() -> list[float]:
    """Milliseconds of one and the same bit of work, while nothing else runs: how even the machine's processor is."""
    times = []
    for _turn in range(600):
        started = time.perf_counter()
        sum(number * number for number in range(40_000))
        times.append((time.perf_counter() - started) * 1000)
    return times


def issue(sandbox: SandboxServer, name: str, count: int) -> Codes:
    """Vouchers at the sandbox."""
    codes = [f"{name}-{number:05}" for number in range(count)]
    for first in range(0, count, 500):
        sandbox.act(
            "issue_voucher", [{"code": code, "value": "20.00"} for code in codes[first : first + 500]]
        )
    return Codes(codes)


def doubles(sandbox: SandboxServer) -> int:
    """Vouchers the platform was asked for twice, or that took effect twice."""
    calls = Counter(row["path"] for row in sandbox.log() if row["path"].endswith("/validate"))
    return sum(count > 1 for count in calls.values())


def main(folder: Path) -> None:
    """Measure everything and print it; the last line is for machines."""
    even = evenness()
    line("machine", f"same work ({len(even)})", quantiles(even))
    with SandboxServer().start("empty") as sandbox:
        most = int(SECONDS * (1 / HURRY[0] + TILLS / QUEUE[0])) + int(SATURATED * 200) + BROWSER_SCANS + TILLS
        ours, direct = issue(sandbox, "NOSSO", most), issue(sandbox, "DIRETO", most)
        given, token = environment(sandbox, folder), sandbox.token()
        sessions = shop(given)
        with web_server(given, folder / "web.log") as web:
            scans = [partial(tills.scan, web, session) for session in sessions]
            asks = [partial(tills.validate, sandbox.base, token)] * TILLS
            # Every worker has loaded what it needs once.
            tills.together([(scans, ours), (asks, direct)], pause=(0.01, 0.02), seconds=3)
            for count, pause, name in ((1, HURRY, "1 till"), (TILLS, QUEUE, f"{TILLS} tills")):
                times = tills.together(
                    [(scans[:count], ours), (asks[:count], direct)], pause=pause, seconds=SECONDS
                )
                on_top = report(name, *times)
            seen = browse(web, sessions[0], [ours.take() for _scan in range(BROWSER_SCANS)])
            cuts = quantiles(seen) if len(seen) > BROWSER_SCANS / 2 else {}
            line("browser", f"Enter to verdict ({len(seen)})", cuts)
            [times] = tills.together([(scans, ours)], pause=NONE, seconds=SATURATED)
            print(
                f"{'saturated':18}{len(times) / SATURATED:.0f} scans/s, p50 {quantiles(times)['p50']:.0f} ms"
            )
        double = doubles(sandbox)
    found = {
        "overhead_p95_ms": round(on_top, 1),
        "browser_p50_ms": round(cuts["p50"], 1) if cuts else None,
        "double": double,
    }
    print(json.dumps(found))
    if not cuts:
        raise SystemExit("the browser answered too few scans to be measured")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="smartbis-admin-bench-") as place:
        main(Path(place))
