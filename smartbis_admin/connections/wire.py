"""The token and the pace of a connection, kept in one row that all processes share.

Both rest on conditional updates alone, so that they are right on every database. Implements the
ports of `smartbis_admin.api.ports`.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from smartbis_admin.api.errors import Unreachable
from smartbis_admin.api.ports import Token
from smartbis_admin.connections.models import WireState

#: Seconds before its end from which a token is renewed (`smartbis-v2.md` §1).
RENEW_EARLY = timedelta(seconds=60)
#: How long one process may take to renew before another may try.
RENEWAL_LEASE = timedelta(seconds=15)
#: How often a process that waits for another's renewal looks again, in seconds.
LOOK_AGAIN = 0.05
#: Nightly work reserves its places for so many seconds at once, so that a high pace does not cost a write for
#: each call. At less than ten calls a second every call is reserved by itself.
RESERVED_AT_ONCE = 0.2


class DatabaseTokenStore:
    """A connection's token in its `WireState` row; renewed by one process at a time."""

    def __init__(self, connection_id: int) -> None:
        self._rows = WireState.objects.filter(pk=connection_id)

    def get(self) -> Token | None:
        """The stored token, whatever its age."""
        row = self._rows.only("token", "token_expires_at").get()
        if not row.token or row.token_expires_at is None:
            return None
        return Token(row.token["value"], row.token_expires_at)

    def renew(self, rejected: str | None, fetch: Callable[[], Token]) -> Token:
        """Return a usable token other than `rejected`; `fetch` runs in one process only.

        Raises what `fetch` raises, and `Unreachable` when another process held the renewal for longer
        than its lease.
        """
        deadline = time.monotonic() + 2 * RENEWAL_LEASE.total_seconds()
        while time.monotonic() < deadline:
            now = timezone.now()
            stored = self.get()
            if stored and stored.value != rejected and self._fresh(stored, now, rejected):
                return stored
            free = Q(renewing_until=None) | Q(renewing_until__lt=now)
            if self._rows.filter(free).update(renewing_until=now + RENEWAL_LEASE):
                return self._renew_as_holder(rejected, fetch)
            time.sleep(LOOK_AGAIN)
        raise Unreachable("token renewal is held by another process")

    def _renew_as_holder(self, rejected: str | None, fetch: Callable[[], Token]) -> Token:
        """The lease is ours. Another process may have finished between our look and our claim."""
        try:
            stored = self.get()
            if stored and stored.value != rejected and self._fresh(stored, timezone.now(), rejected):
                return stored
            token = fetch()
            row = self._rows.get()
            row.token = {"value": token.value}
            row.token_expires_at = token.expires_at
            row.save(update_fields=["token", "token_expires_at"])
            return token
        finally:
            self._rows.update(renewing_until=None)

    @staticmethod
    def _fresh(token: Token, now: datetime, rejected: str | None) -> bool:
        # After a 401 a token another process just stored is taken as it is; otherwise it must have life left.
        return token.expires_at > (now if rejected else now + RENEW_EARLY)


class DatabasePace:
    """The own ceiling of calls a second (generic cell rate algorithm) over one shared number.

    A person at a till may use a short burst; nightly work may not, so a till never waits behind a
    queue of pages for more than the pages already on their way.
    """

    BURST = 5

    def __init__(self, connection_id: int, *, per_second: float, interactive: bool) -> None:
        self._rows = WireState.objects.filter(pk=connection_id)
        self._interval = 1 / per_second
        self._tolerance = (self.BURST - 1) * self._interval if interactive else 0.0
        self._at_once = 1 if interactive else max(1, int(RESERVED_AT_ONCE * per_second))
        self._places: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Reserve the next place in the row and sleep until it comes."""
        with self._lock:
            place, now = self._place()
        delay = place - self._tolerance - now
        if delay > 0:
            time.sleep(delay)

    def _place(self) -> tuple[float, float]:
        """When the next call may leave, and what the time is."""
        now = time.time()
        # A place long past would be a burst beside what others were promised since.
        while self._places and self._places[0] < now - RESERVED_AT_ONCE:
            self._places.popleft()
        while not self._places:
            planned = self._rows.values_list("next_call_at", flat=True).get()
            now = time.time()
            first = max(planned, now)
            following = first + self._at_once * self._interval
            if self._rows.filter(next_call_at=planned).update(next_call_at=following):
                self._places.extend(first + number * self._interval for number in range(self._at_once))
        return self._places.popleft(), now

    def penalise(self, seconds: float) -> None:
        """Hold every call of the connection back for so many seconds."""
        until = time.time() + seconds + self._tolerance
        with self._lock:
            self._places.clear()
            self._rows.filter(next_call_at__lt=until).update(next_call_at=until)
