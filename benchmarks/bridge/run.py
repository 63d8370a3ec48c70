"""`make bench-bridge`: 50 000 sales in a file, a minute of 20 deliveries a second. See README.md beside this file."""

import hashlib
import hmac
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bridge.sales import cpf, sales, write_csv, write_xlsx  # noqa: E402
from benchmarks.production import GUNICORN  # noqa: E402
from sandbox.testing import SandboxServer  # noqa: E402

ROWS = int(os.environ.get("BENCH_ROWS") or 50_000)
SECONDS = int(os.environ.get("BENCH_SECONDS") or 60)
PER_SECOND, SALES_A_PUSH, CUSTOMERS = 20, 10, 400
#: One in so many sales has a buyer the programme knows, and is registered.
KNOWN_IN_FILE, KNOWN_IN_PUSH = 100, 10
#: Every so many deliveries one is sent again, as a sender does that missed the answer.
REPEATED = 10
SECRET = "bench-push-secret"
PATIENCE = 900


def environment(sandbox: SandboxServer, folder: Path) -> dict[str, str]:
    """Production's settings, but for the pace (it would be all there is to measure) and https."""
    return {
        "DJANGO_SETTINGS_MODULE": "smartbis_admin.settings",
        "PYTHONPATH": str(ROOT),
        "BENCH_PROGRAMME": sandbox.base,
        "BENCH_MACHINES": sandbox.smartpos_base,
        "BENCH_SECRET": SECRET,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "bench-only-" + "x" * 60,
        "FIELD_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "off",
        "LOG_LEVEL": "ERROR",
        "EMAIL_URL": "memorymail://",
        "SMARTBIS_PACE": "100000",
        "SMARTPOS_PACE": "100000",
    }


def order(env: dict[str, str], *words: str) -> str:
    """Run one of the program's commands; the last line it printed."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    return (done.stdout.strip().splitlines() or [""])[-1]


@contextmanager
def server(env: dict[str, str], log: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the program, as production starts it."""
    with (
        log.open("w") as lines,
        subprocess.Popen(
            [sys.executable, "-m", *words], cwd=ROOT, env=env, stdout=lines, stderr=lines, text=True
        ) as running,
    ):
        try:
            yield running
        finally:
            running.terminate()


class Memory(threading.Thread):
    """The largest resident size of any process under some, in MB, while it watches."""

    def __init__(self, roots: list[int]) -> None:
        super().__init__(daemon=True)
        self.roots, self.peak, self.ended = roots, 0.0, threading.Event()
        self.marks: list[float] = []

    def run(self) -> None:
        while not self.ended.wait(0.25):
            now = max((resident(pid) for root in self.roots for pid in family(root)), default=0.0)
            self.peak = max(self.peak, now)
            self.marks.append(now)


def family(pid: int) -> list[int]:
    """A process and everything it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in family(int(child)))]


def resident(pid: int) -> float:
    """Megabytes of memory a process holds."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def ask(database: Any, query: str, *values: Any) -> Any:
    """One value of the back office's database."""
    return database.execute(query, values).fetchone()[0]


def wait(database: Any, query: str, *values: Any, until: Any, what: str) -> None:
    """Until a query gives a value."""
    end = time.monotonic() + PATIENCE
    while (found := ask(database, query, *values)) != until:
        if time.monotonic() > end:
            print(f"{what}: still {found} after {PATIENCE} s")
            return
        time.sleep(0.25)


def take_file(env: dict[str, str], database: Any, path: Path) -> tuple[float, int]:
    """Have a file imported; rows a second, and how many of them were new."""
    key = int(order(env, str(HERE / "shop.py"), "file", str(path)))
    wait(database, "SELECT state FROM bridge_posfile WHERE id = %s", key, until="done", what=path.name)
    took, read, new = database.execute(
        "SELECT extract(epoch FROM finished_at - started_at), rows_read, rows_new FROM bridge_posfile WHERE id = %s",
        (key,),
    ).fetchone()
    return read / float(took), new


def push(url: str, body: bytes) -> tuple[float, int]:
    """One delivery until it is taken, as the sender repeats it; milliseconds of the last try, and tries."""
    parts = urlsplit(url)
    for attempt in range(1, 20):
        stamp = str(int(time.time()))
        proof = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-SmartPOS-Timestamp": stamp,
            "X-SmartPOS-Signature": f"v1={proof}",
        }
        began = time.perf_counter()
        there = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            there.request("POST", parts.path, body, headers)
            reply = there.getresponse()
            reply.read()
            if reply.status == 202:
                return (time.perf_counter() - began) * 1000, attempt
        except OSError:
            pass
        finally:
            there.close()
        time.sleep(1)
    return 0.0, 0


def push_all(url: str, told: list[dict[str, Any]]) -> tuple[float, list[float], int]:
    """Deliveries at their times, whatever the answers take; taken a second, milliseconds each, and tries."""
    bodies = []
    for first in range(0, len(told), SALES_A_PUSH):
        sent = {"event": "sale.upserted", "sent_at": "2026-01-01T00:00:00Z"}
        bodies.append(json.dumps(sent | {"sales": told[first : first + SALES_A_PUSH]}).encode())
        if len(bodies) % REPEATED == 0:
            bodies[-1] = bodies[-2]
            bodies.append(json.dumps(sent | {"sales": told[first : first + SALES_A_PUSH]}).encode())
    began, waiting = time.monotonic(), []
    with ThreadPoolExecutor(max_workers=40) as senders:
        for number, body in enumerate(bodies):
            time.sleep(max(began + number / PER_SECOND - time.monotonic(), 0))
            waiting.append(senders.submit(push, url, body))
        results = [one.result() for one in waiting]
    taken = [took for took, tries in results if tries]
    rate = len(taken) / max(time.monotonic() - began, len(bodies) / PER_SECOND)
    return rate, taken, sum(tries for _took, tries in results)


def count(database: Any, sandbox: SandboxServer, ids: set[str]) -> tuple[int, int, int]:
    """Sales lost on the way, sales registered twice, and how many were registered."""
    stored = {row[0] for row in database.execute("SELECT remote_id FROM bridge_possale").fetchall()}
    registered = ask(database, "SELECT count(*) FROM bridge_possale WHERE state = 'registered'")
    effects = sandbox.committed("sales")
    return len(ids - stored), effects - registered, registered


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        return bool(urllib.request.urlopen(url, timeout=5).status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main(folder: Path) -> None:
    """Measure everything and print it; the last line is for machines."""
    in_file = list(sales("file", ROWS, known=KNOWN_IN_FILE, customers=CUSTOMERS))
    pushed = list(
        sales("push", SECONDS * PER_SECOND * SALES_A_PUSH, known=KNOWN_IN_PUSH, customers=CUSTOMERS)
    )
    write_csv(folder / "vendas.csv", in_file)
    write_xlsx(folder / "vendas.xlsx", in_file)
    with ExitStack() as running:
        sandbox = running.enter_context(SandboxServer().start("empty"))
        people = [{"name": f"Cliente {n}", "cpf": cpf(n), "phone": f"119{n:08}"} for n in range(CUSTOMERS)]
        sandbox.act("create_customer", people)
        env = os.environ | environment(sandbox, folder)
        order(env, "manage.py", "migrate", "--verbosity", "0")
        order(env, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        address, port = order(env, str(HERE / "shop.py"), "make"), free_port()
        web = running.enter_context(
            server(
                env,
                folder / "web.log",
                "gunicorn",
                "smartbis_admin.wsgi",
                "--bind",
                f"127.0.0.1:{port}",
                *GUNICORN,
            )
        )
        celery = ("celery", "-A", "smartbis_admin")
        worker = running.enter_context(
            server(
                env, folder / "worker.log", *celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"
            )
        )
        running.enter_context(
            server(env, folder / "beat.log", *celery, "beat", "--pidfile=", "--loglevel", "WARNING")
        )
        database = running.enter_context(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
        while not answers(f"http://127.0.0.1:{port}/saude/"):
            time.sleep(0.2)
        memory = Memory([web.pid, worker.pid])
        memory.start()
        rows_s, new = take_file(env, database, folder / "vendas.csv")
        print(f"file, CSV   {len(in_file)} rows, {new} new, {rows_s:.0f} rows/s, peak {memory.peak:.0f} MB")
        again_s, again = take_file(env, database, folder / "vendas.xlsx")
        print(f"file, XLSX  the same rows, {again} new, {again_s:.0f} rows/s, peak {memory.peak:.0f} MB")
        rate, times, tries = push_all(f"http://127.0.0.1:{port}{address}", pushed)
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        print(
            f"pushes      {len(times)} taken in {tries} tries, {rate:.1f}/s, "
            f"p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms"
        )
        moving = "SELECT count(*) FROM bridge_possale WHERE state IN ('received', 'matched', 'eligible', 'in_doubt')"
        wait(database, moving, until=0, what="sales on their way")
        memory.ended.set()
        lost, double, registered = count(database, sandbox, {row["id"] for row in in_file + pushed})
        print(
            f"registered  {registered} sales, each once" if not double else f"registered  {registered} sales"
        )
    found = {
        "file_rows_s": round(rows_s),
        "push_s": round(rate, 1),
        "lost": lost + (again > 0) * again,
        "double": double,
        "rss_mb": round(memory.peak),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="smartbis-admin-bench-") as place:
        main(Path(place))
