"""People at tills: each scans one voucher after the other with a pause between, and notes how long each took.

Two kinds of till, side by side: one scans at the back office, the other asks the sandbox directly, with a
fresh connection for each call as the back office's writes have. Knows HTTP only.
"""

import http.client
import random
import re
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

CSRF = "b" * 32
TIMEOUT = 30


def call(url: str, body: str, headers: dict[str, str]) -> tuple[float, str]:
    """POST over a new connection; milliseconds until the whole answer is there, and the answer."""
    parts = urlsplit(url)
    started = time.perf_counter()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        connection.request("POST", parts.path, body, headers)
        reply = connection.getresponse()
        text = reply.read().decode()
    finally:
        connection.close()
    took = (time.perf_counter() - started) * 1000
    return took, text if reply.status == 200 else f"status {reply.status}: {text[:200]}"


def scan(web: str, session: str, code: str) -> float:
    """Scan a code as the till's page does; it must be told "valid"."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
        "HX-Request": "true",
    }
    body = urlencode({"scan": str(uuid.uuid4()), "code": code, "waited": "0"})
    took, text = call(f"{web}/caixa/ler/", body, headers)
    found = re.search(r'data-kind="(\w+)"', text)
    if not found or found[1] != "valid":
        raise SystemExit(f"a scan was answered with {found[1] if found else text}")
    return took


def validate(base: str, token: str, code: str) -> float:
    """Validate a code at the sandbox itself."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    took, text = call(f"{base}vouchers/{code}/validate", "{}", headers)
    if '"used"' not in text:
        raise SystemExit(f"the sandbox answered {text}")
    return took


@dataclass
class Codes:
    """Vouchers that nobody has used yet."""

    left: list[str]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> str:
        """One of them."""
        with self._lock:
            return self.left.pop()


def work(
    one: Callable[[str], float], codes: Codes, pause: tuple[float, float], ends: float, times: list[float]
) -> None:
    """One till until `ends`: scan, pause, scan."""
    chance = random.Random()
    time.sleep(chance.uniform(0, pause[1]))
    while time.monotonic() < ends:
        times.append(one(codes.take()))
        time.sleep(chance.uniform(*pause))


def together(
    ways: list[tuple[list[Callable[[str], float]], Codes]], *, pause: tuple[float, float], seconds: float
) -> list[list[float]]:
    """Let all tills of all ways work at the same time; milliseconds of each call, way by way.

    Raises what one of them raised, once all have ended.
    """
    results: list[list[float]] = [[] for _way in ways]
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(sum(len(tills) for tills, _codes in ways)) as threads:
        at_work = [
            threads.submit(work, one, codes, pause, ends, times)
            for (tills, codes), times in zip(ways, results, strict=True)
            for one in tills
        ]
    for till in at_work:
        till.result()
    return results
