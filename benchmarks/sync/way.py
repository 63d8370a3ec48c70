"""What each way of the sync bench shares: its orders from the environment, its result as one line of JSON.

Needs the standard library and `requests`, so that it runs in every environment of the bench.
"""

import json
import os
import resource
import time
from collections.abc import Callable
from typing import Any

import requests

BASE = os.environ.get("BENCH_BASE", "")
TOKEN = os.environ.get("BENCH_TOKEN", "")
DATABASE = os.environ.get("DATABASE_URL", "")
PER_PAGE = 250


def report(rows: int, spent: tuple[float, float], **more: Any) -> None:
    """Print the result: rows, seconds by the clock and of the processor, highest memory in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, cpu = spent
    result = {"rows": rows, "seconds": seconds, "cpu": cpu, "rss_mb": round(peak, 1), **more}
    print(json.dumps(result), flush=True)


def pages(decode: Callable[[bytes], Any]) -> Any:
    """Every page of the list, decoded; ends where the envelope says so."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        number, last = 1, 1
        while number <= last:
            reply = session.get(f"{BASE}customers", params={"page": number, "per_page": PER_PAGE}, timeout=60)
            reply.raise_for_status()
            if number == 1:
                last = reply.json()["meta"]["last_page"]
            yield decode(reply.content)
            number += 1


def timed(work: Callable[[], int]) -> tuple[int, tuple[float, float]]:
    """Rows of some work, and what it took: seconds by the clock, and of the processor in this process."""
    started, worked = time.perf_counter(), time.process_time()
    return work(), (time.perf_counter() - started, time.process_time() - worked)
