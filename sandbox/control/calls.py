"""The record of vendor calls: what is in flight, what was answered, what was committed.

Knows nothing of HTTP or vendors. Source: contract README §4 (`GET /_sandbox/log`). The count of `committed`
rows is a test's proof that an effect happened exactly once, so the vendor's code sets the mark only after its
commit.
"""

import threading
from collections import deque
from dataclasses import asdict, dataclass

KEPT = 50_000


@dataclass
class Call:
    """One request to a vendor while it runs; `fault` is the kind it drew, `committed` says it had effect."""

    vendor: str
    method: str
    path: str
    fault: str | None = None
    committed: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of the log; `status` is None when no reply left."""

    at: str
    method: str
    path: str
    status: int | None
    committed: bool
    fault: str | None


class CallLog:
    """The last calls, oldest first, and the number in flight; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[tuple[str, Entry]] = deque(maxlen=KEPT)
        self._in_flight = 0

    def arrived(self) -> None:
        """A call is in flight from now on."""
        with self._lock:
            self._in_flight += 1

    def left(self) -> None:
        """A call is over: its reply was handed to the network, or there will be none."""
        with self._lock:
            self._in_flight -= 1

    @property
    def in_flight(self) -> int:
        """How many vendor calls are being worked on."""
        with self._lock:
            return self._in_flight

    def add(self, call: Call, *, at: str, status: int | None) -> None:
        """Write one finished call down."""
        entry = Entry(at, call.method, call.path, status, call.committed, call.fault)
        with self._lock:
            self._entries.append((call.vendor, entry))

    def rows(self, vendor: str | None = None) -> list[dict[str, object]]:
        """The kept entries, oldest first, of one vendor or of all."""
        with self._lock:
            return [asdict(entry) for name, entry in self._entries if vendor in (None, name)]

    def clear(self) -> None:
        """Forget the entries."""
        with self._lock:
            self._entries.clear()


log = CallLog()
