"""`make bench-sync`: one sandbox, one machine, three ways into the database. See README.md beside this file."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from sandbox.testing import SandboxServer  # noqa: E402

COUNT = int(os.environ.get("N") or 100_000)
KIND = os.environ.get("DB") or "sqlite"
#: `WAYS=` alone leaves dlt out, which at a million rows takes longest.
WAYS = os.environ.get("WAYS", "dlt")
BENCH_PYTHON = os.environ.get("BENCH_PYTHON", str(ROOT / "var/bench-venv/bin/python"))
#: The connection that every mirrored row belongs to.
CONNECT = """
import os
from smartbis_admin.connections.services import create_connection
keys = {"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"}
create_connection(
    by=None, provider="smartbis", name="Bench", base_url=os.environ["BENCH_BASE"], credentials=keys
)
"""


def database_for(way: str, folder: Path) -> str:
    """The address of an empty database for one way."""
    if KIND == "sqlite":
        return f"sqlite:///{folder / way}.sqlite3"
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE bench_{way}")
    return f"{server}/bench_{way}"


def child(script: str, given: dict[str, str], python: str = sys.executable) -> dict[str, Any]:
    """Run one way as a process of its own and return what its last line says."""
    done = subprocess.run(
        [python, str(HERE / script)], cwd=ROOT, env=os.environ | given, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise SystemExit(f"{script} failed")
    return json.loads(done.stdout.strip().splitlines()[-1])


def prepared(way: str, folder: Path, given: dict[str, str]) -> dict[str, str]:
    """The environment of a way that uses our tables, which are made here."""
    own = given | {"DATABASE_URL": database_for(way, folder)}
    for order in (["migrate", "--verbosity", "0"], ["shell", "--verbosity", "0", "--command", CONNECT]):
        subprocess.run([sys.executable, "manage.py", *order], cwd=ROOT, env=os.environ | own, check=True)
    return own


def measure(folder: Path) -> dict[str, dict[str, Any]]:
    """Every way, one after the other."""
    with SandboxServer().start("demo", customers=COUNT) as sandbox:
        given = {
            "BENCH_BASE": sandbox.base,
            "BENCH_TOKEN": sandbox.token(),
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(folder),
            "SECRET_KEY": "bench-only-" + "x" * 60,
            "FIELD_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "off",
            "EMAIL_URL": "memorymail://",
            "LOG_LEVEL": "WARNING",
            "SMARTBIS_PACE": "100000",
        }
        found = {"source": child("source.py", given)}
        found["floor"] = child("floor.py", prepared("floor", folder, given))
        found["ours"] = child("ours.py", prepared("ours", folder, given))
        if "dlt" in WAYS:
            loaded = given | {"DATABASE_URL": database_for("dlt", folder)}
            found["dlt"] = child("dlt_source.py", loaded, BENCH_PYTHON)
    return found


def shown(found: dict[str, dict[str, Any]]) -> None:
    """A table for people, then the line for machines."""
    ours = found["ours"]
    again = {"rows": ours["rows"], "seconds": ours["again_seconds"], "cpu": ours["again_cpu"]}
    speed = {way: result["rows"] / result["seconds"] for way, result in found.items()}
    print(f"{COUNT} customers, {KIND}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{'':8}{'rows/s':>10}{'cpu s per million':>20}{'MB':>8}")
    for way, result in (found | {"again": again}).items():
        rows = result["rows"]
        print(
            f"{way:8}{rows / result['seconds']:>10.0f}{result['cpu'] / rows * 1e6:>20.1f}"
            f"{result.get('rss_mb', ours['rss_mb']):>8.0f}"
        )
    ratios = {f"vs_{way}": round(speed["ours"] / speed[way], 2) for way in ("dlt", "floor") if way in speed}
    print(json.dumps({**ratios, "rss_mb": ours["rss_mb"], "unchanged_writes": ours["unchanged_writes"]}))


if __name__ == "__main__":
    if KIND not in ("sqlite", "postgres"):
        raise SystemExit("DB is sqlite or postgres")
    with tempfile.TemporaryDirectory(prefix="smartbis-admin-bench-") as place:
        shown(measure(Path(place)))
