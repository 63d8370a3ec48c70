"""Faults waiting to happen: what kinds exist, which request takes which. Knows nothing of sockets or vendors.

Source: contract README §4. A fault is taken by the first request that matches it and is spent after `times`.
"""

import threading
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

# Refused or broken before the vendor's code runs: no effect.
BEFORE = frozenset(
    {
        "drop_before",
        "error_before",
        "html_502",
        "html_200",
        "unauthorized",
        "rate_limit",
        "rate_limit_silent",
    }
)
# The vendor's code runs, then the reply is lost or spoilt.
AFTER = frozenset(
    {"drop_after", "stall_after", "error_after", "truncate_200", "cut_json", "empty_200", "slow"}
)
# The vendor's own code misbehaves; it finds the kind in its `Call`. Most of them spoil one page of a list.
INSIDE = frozenset(
    {
        "ignore_paging",
        "ignore_filter",
        "cut_page",
        "repeat_page",
        "wrong_type",
        "total_less",
        "total_more",
    }
)
# What a vendor sends to us is spoilt on its way; the courier takes these, a request never does.
OUTGOING = frozenset(
    {
        "hook_twice",
        "hook_late",
        "hook_lost",
        "hook_bad_signature",
        "hook_old",
        "hook_oversized",
        "hook_cut",
        "hook_text",
    }
)
KINDS = BEFORE | AFTER | INSIDE | OUTGOING
# Kinds where no byte of a reply leaves.
SILENT = frozenset({"drop_before", "drop_after", "stall_after"})


@dataclass
class Fault:
    """One order to fail; `method` may be `*`, `path` is a glob over the path with or without the base."""

    vendor: str
    method: str
    path: str
    kind: str
    times: int = 1

    def matches(self, vendor: str, method: str, paths: tuple[str, ...]) -> bool:
        """Whether a request to `vendor` is meant; `paths` are the spellings under which it may be named."""
        if self.vendor != vendor or self.method.upper() not in ("*", method):
            return False
        return any(fnmatchcase(path, self.path) for path in paths)


class Faults:
    """The waiting faults, oldest first; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the queue."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, *, vendor: str, method: str, paths: tuple[str, ...], outgoing: bool = False) -> str | None:
        """Spend one turn of the oldest matching fault and give its kind, or None.

        `outgoing` tells what a vendor sends from what it is asked: each has kinds of its own.
        """
        with self._lock:
            for fault in self._waiting:
                if (fault.kind in OUTGOING) == outgoing and fault.matches(vendor, method, paths):
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                    return fault.kind
        return None

    def clear(self) -> None:
        """Forget every waiting fault."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[dict[str, object]]:
        """The waiting faults as plain rows."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]


faults = Faults()
